/** Scanning: what a camera or a picture shows is dealt with like a pasted link, and the camera is let go of. */
import { readFile, writeFile } from 'node:fs/promises';
import { PERMISSIONS } from '../scripts/chromium.mjs';
import { test as base, expect } from './fixtures.ts';
import { openBrowser, Person } from './person.ts';
import { film, filmCamera, NO_CAMERA, saveGif } from './scan-camera.ts';

const TTX = 1_000_000n;

interface ScannerOptions {
  readonly args: readonly string[];
  /** Whether the person lets the app use the camera. */
  readonly allowed: boolean;
}

const test = base.extend<{ readonly createScanner: (name: string, options: ScannerOptions) => Promise<Person> }>({
  createScanner: async ({ appUrl, pageErrors, size }, use, info) => {
    const people: Person[] = [];
    await use(async (name, { args, allowed }) => {
      const context = await openBrowser(info.outputPath(`profile-${name}`), {
        size,
        args,
        permissions: [...PERMISSIONS.filter((permission) => permission !== 'camera'), ...(allowed ? ['camera'] : [])],
      });
      context.on('weberror', (error) => pageErrors.push({ person: name, text: error.error().stack ?? error.error().message }));
      await context.addInitScript(countCameras);
      const person = new Person(name, context, appUrl, { taps: size.isTouch });
      people.push(person);
      await person.open();
      return person;
    });
    for (const person of people) {
      if (info.status !== info.expectedStatus) await person.attachTo(info);
      await person.close();
    }
  },
});

interface Counted {
  readonly streams: MediaStream[];
}

/** Remembers every camera that the app is given. */
function countCameras(): void {
  const mediaDevices = navigator.mediaDevices as MediaDevices | undefined;
  // The blank page before the app has none.
  if (mediaDevices === undefined) return;
  const streams: MediaStream[] = [];
  Object.assign(window, { streams });
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    streams.push(stream);
    return stream;
  };
}

/** Cameras that the app was given, and how many of them it still has. */
const cameras = (person: Person) =>
  person.page.evaluate(() => {
    const { streams } = window as unknown as Counted;
    const live = streams.filter((stream) => stream.getTracks().some((track) => track.readyState === 'live'));
    return { given: streams.length, live: live.length };
  });

const heading = (person: Person, name: string) => person.page.getByRole('heading', { name, level: 1 });
const lookingFor = (person: Person) => person.page.getByText('Looking for a QR code…');

/** Presses Scan on a screen. */
async function scanFrom(person: Person, fragment: string): Promise<void> {
  await person.go(fragment);
  await person.page.getByRole('link', { name: 'Scan' }).click();
}

/** Chooses a picture on the scanner's screen. */
async function choosePicture(person: Person, file: string): Promise<void> {
  const chooser = person.page.waitForEvent('filechooser');
  await person.page.getByRole('button', { name: 'Choose a picture' }).click();
  await (await chooser).setFiles(file);
}

test('the camera reads an invitation, a payment and an address; each time it is let go of', async ({
  tracker: _,
  createPerson,
  createScanner,
}, info) => {
  const path = info.outputPath('camera.y4m');
  await film(path, undefined);
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createScanner('bob', { args: filmCamera(path), allowed: true });
  const native = await bob.page.evaluate(() => 'BarcodeDetector' in window);
  info.annotations.push({ type: 'detector', description: native ? "the browser's own" : 'the library' });

  await film(path, invitation);
  await scanFrom(bob, '#/network/join');
  await bob.page.getByRole('button', { name: 'Join this network' }).click();
  await bob.expectBalance(0n);
  await expect.poll(() => cameras(bob)).toEqual({ given: 1, live: 0 });

  const { link } = await ada.pay(await bob.address(), '20', 'by camera');
  await film(path, link);
  await scanFrom(bob, '#/accept');
  await expect(bob.acceptance(/^Payment (accepted|received)$/)).toContainText('by camera');
  await bob.expectBalance(20n * TTX);
  await expect.poll(() => cameras(bob)).toEqual({ given: 2, live: 0 });

  const to = await ada.address();
  await film(path, to);
  await bob.go('#/pay');
  await bob.page.getByLabel('Amount').fill('5');
  await bob.page.getByRole('link', { name: 'Scan' }).click();
  await expect(bob.page.getByLabel('Send to')).toHaveValue(to);
  await expect(bob.page.getByLabel('Amount')).toHaveValue('5');
  await expect.poll(() => cameras(bob)).toEqual({ given: 3, live: 0 });
  // Back leads to where Scan was pressed, not into the scanner.
  await bob.page.goBack();
  await expect(heading(bob, 'Send')).toBeVisible();
});

test(
  'where the browser detects codes itself, it is shown the camera’s picture, and no library is loaded',
  { tag: '@once' },
  async ({ createScanner }, info) => {
    const path = info.outputPath('camera.y4m');
    await film(path, undefined);
    const ada = await createScanner('ada', { args: filmCamera(path), allowed: true });
    // Chromium has a detector on other systems than that of these tests. This one sees a code in whatever has the size of the film.
    await ada.context.addInitScript(() => {
      class BarcodeDetector {
        static async getSupportedFormats(): Promise<readonly string[]> {
          return ['qr_code'];
        }
        async detect(source: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]> {
          const { width, height } = await createImageBitmap(source as ImageBitmapSource);
          return [{ rawValue: `https://example.org/${width}x${height}` }];
        }
      }
      Object.assign(window, { BarcodeDetector });
    });
    await ada.reload();
    const loaded: string[] = [];
    ada.page.on('request', (request) => loaded.push(request.url()));
    await scanFrom(ada, '#/accept');
    await expect(ada.page.getByText('https://example.org/640x480')).toBeVisible();
    expect(loaded.filter((url) => url.includes('decode'))).toEqual([]);
  },
);

test('the camera is let go of when the scanner is left, and a code of something else is shown and passed by', async ({
  createScanner,
}, info) => {
  const path = info.outputPath('camera.y4m');
  await film(path, 'https://example.org/menu');
  const ada = await createScanner('ada', { args: filmCamera(path), allowed: true });
  await scanFrom(ada, '#/accept');
  await expect(ada.page.getByText('This code is not one of TorrentTX')).toBeVisible();
  await expect(ada.page.getByText('https://example.org/menu')).toBeVisible();
  await expect(lookingFor(ada)).toBeVisible();
  expect(await cameras(ada)).toEqual({ given: 1, live: 1 });
  await ada.page.getByRole('link', { name: 'Settings' }).click();
  await expect(heading(ada, 'Settings')).toBeVisible();
  // Preact runs an effect's clean-up after the next screen is painted.
  await expect.poll(() => cameras(ada), { timeout: 1_000 }).toEqual({ given: 1, live: 0 });
});

test('where the camera is not allowed, a picture does', async ({ tracker: _, createPerson, createScanner }, info) => {
  const path = info.outputPath('camera.y4m');
  await film(path, undefined);
  const ada = await createPerson('ada');
  await ada.found('Friends');
  const bob = await createScanner('bob', { args: filmCamera(path), allowed: false });
  await scanFrom(bob, '#/network/join');
  await expect(bob.page.getByRole('alert').or(bob.page.getByRole('status'))).toContainText(['The camera is not allowed']);
  expect(await cameras(bob)).toEqual({ given: 0, live: 0 });

  // The code as it is on Ada's screen.
  const screenshot = info.outputPath('invitation.png');
  await ada.page.locator('svg.qr').screenshot({ path: screenshot });
  await choosePicture(bob, screenshot);
  await bob.page.getByRole('button', { name: 'Join this network' }).click();
  await bob.expectBalance(0n);
});

test('without a camera pictures are chosen, pasted or dropped, and each that shows no code of ours says so', async ({
  tracker: _,
  createPerson,
  createScanner,
}, info) => {
  const ada = await createPerson('ada');
  const invitation = await ada.found('Friends');
  const bob = await createScanner('bob', { args: NO_CAMERA, allowed: true });
  await scanFrom(bob, '#/network/join');
  await expect(bob.page.getByText('No camera was found')).toBeVisible();

  const text = info.outputPath('no-picture.png');
  await writeFile(text, 'no picture');
  await choosePicture(bob, text);
  await expect(bob.page.getByText('This picture cannot be opened')).toBeVisible();

  const empty = info.outputPath('empty.png');
  await ada.page.locator('.brand').screenshot({ path: empty });
  await choosePicture(bob, empty);
  await expect(bob.page.getByText('No QR code was found in this picture')).toBeVisible();

  const code = info.outputPath('invitation.gif');
  await saveGif(code, invitation);
  await choosePicture(bob, code);
  await expect(bob.page.getByRole('button', { name: 'Join this network' })).toBeVisible();

  // A picture dropped or pasted anywhere in the app.
  const gif = (await readFile(code)).toString('base64');
  for (const type of ['drop', 'paste']) {
    await bob.go('#/settings');
    await expect(heading(bob, 'Settings')).toBeVisible();
    await bob.page.evaluate(
      ([name, base64 = '']) => {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], 'invitation.gif', { type: 'image/gif' }));
        const event =
          name === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
      },
      [type, gif],
    );
    await expect(bob.page.getByRole('button', { name: 'Join this network' })).toBeVisible();
  }
  await bob.page.getByRole('button', { name: 'Join this network' }).click();
  await bob.expectBalance(0n);
  expect(await cameras(bob)).toEqual({ given: 0, live: 0 });
});
