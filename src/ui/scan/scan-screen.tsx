/** Scanning a QR code, by camera or from a picture. What it says is dealt with as if it had been pasted. */
import './scan.css';
import { useState } from 'preact/hooks';
import { screenForText } from '../../client/pasted.ts';
import { picture } from '../../client/picture.ts';
import { isTtxError } from '../../core/error.ts';
import { announce, useApp } from '../context.ts';
import { describeError } from '../error-text.ts';
import { Button } from '../part/button.tsx';
import { FileButton } from '../part/file-button.tsx';
import { Notice } from '../part/notice.tsx';
import { Screen } from '../part/screen.tsx';
import { describeTrouble } from './trouble-text.ts';
import { type PictureState, type Scanner, useScanner } from './use-scan.ts';

const UP = { to: { kind: 'wallet' }, label: 'Wallet' } as const;
/** As much of a foreign code as one needs to recognise it. */
const SHOWN_LENGTH = 160;

/** A code that was read and leads nowhere here. */
interface Foreign {
  readonly text: string;
  readonly title: string;
}

function titleFor(error: unknown): string {
  if (!isTtxError(error)) throw error;
  return error.code === 'link' ? 'This code is not one of TorrentTX' : describeError({ code: error.code, detail: error.detail }).title;
}

function Viewfinder({ scanner }: { readonly scanner: Scanner }) {
  const { camera, videoRef } = scanner;
  return (
    <div class="viewfinder" hidden={camera.kind === 'off' || camera.kind === 'trouble'}>
      <video ref={videoRef} aria-label="What the camera sees" muted playsInline autoplay disablePictureInPicture />
      <svg class="viewfinder-frame" viewBox="0 0 100 100" aria-hidden="true" focusable="false">
        <path d="M4 22V10a6 6 0 0 1 6-6h12M78 4h12a6 6 0 0 1 6 6v12M96 78v12a6 6 0 0 1-6 6H78M22 96H10a6 6 0 0 1-6-6V78" />
      </svg>
    </div>
  );
}

function statusText({ camera, picture: state }: Scanner): string {
  if (state === 'reading') return 'Reading the picture…';
  switch (camera.kind) {
    case 'starting':
      return 'Starting the camera. If the browser asks, allow it.';
    case 'on':
      return 'Looking for a QR code…';
    case 'paused':
      return 'The camera rests while this page is hidden.';
    case 'off':
    case 'trouble':
      return '';
  }
}

function PictureNotice({ state }: { readonly state: PictureState }) {
  switch (state) {
    case 'none':
    case 'reading':
      return null;
    case 'empty':
      return (
        <Notice tone="caution" title="No QR code was found in this picture" live>
          <p>Take a sharper one in which the whole code is to be seen, or cut away what is around it.</p>
        </Notice>
      );
    case 'unreadable':
      return (
        <Notice tone="caution" title="This picture cannot be opened" live>
          <p>Choose a photo or a screenshot: a JPEG or PNG file.</p>
        </Notice>
      );
    case 'missing': {
      const { title, text } = describeTrouble('reader');
      return (
        <Notice tone="bad" title={title} live>
          <p>{text}</p>
        </Notice>
      );
    }
  }
}

function CameraNotice({ scanner }: { readonly scanner: Scanner }) {
  if (scanner.camera.kind !== 'trouble') return null;
  const { title, text } = describeTrouble(scanner.camera.trouble);
  return (
    <Notice tone="caution" title={title} live>
      <p>{text}</p>
      <Button onClick={scanner.startCamera}>Try again</Button>
    </Notice>
  );
}

/** `#/scan` */
export function ScanScreen() {
  const { router } = useApp();
  const [foreign, setForeign] = useState<Foreign | undefined>(undefined);
  const scanner = useScanner((text) => {
    try {
      // Back leads to where the scanner was opened, not into the scanner.
      router.replace(screenForText(text));
      announce('Read the QR code.', { seen: false });
      return true;
    } catch (error) {
      const title = titleFor(error);
      setForeign((shown) => (shown?.text === text ? shown : { text, title }));
      return false;
    }
  });
  const { camera } = scanner;
  return (
    <Screen title="Scan a QR code" up={UP}>
      <p class="lead">A payment, an address or an invitation: hold its code into the frame.</p>
      <Viewfinder scanner={scanner} />
      <p class="scan-status" role="status">
        {statusText(scanner)}
      </p>
      {foreign !== undefined && (
        <Notice tone="caution" title={foreign.title} live>
          <p>It says:</p>
          <code class="identifier">{foreign.text.length > SHOWN_LENGTH ? `${foreign.text.slice(0, SHOWN_LENGTH)}…` : foreign.text}</code>
        </Notice>
      )}
      <CameraNotice scanner={scanner} />
      <PictureNotice state={scanner.picture} />
      <div class="row">
        <FileButton
          label="Choose a picture"
          accept="image/*"
          onFile={(file) => {
            setForeign(undefined);
            picture.value = file;
          }}
        />
        {camera.kind === 'off' && <Button onClick={scanner.startCamera}>Use the camera</Button>}
        {camera.kind === 'on' && camera.choice && <Button onClick={scanner.switchCamera}>Other camera</Button>}
      </div>
      <p class="hint">A picture can also be pasted or dropped here. Nothing that the camera sees leaves this device.</p>
    </Screen>
  );
}
