/** The app on this device: installing it, and links that open with it. */
import type { ComponentChildren } from 'preact';
import type { InstallHint } from '../../client/install.ts';
import { askForLinks } from '../../client/launch.ts';
import { announce, useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Section } from '../part/screen.tsx';

const OWN_STORAGE =
  'The installed app keeps a wallet of its own, apart from this one: back up your words first, then restore the wallet from them over there.';

const BY_HAND: { readonly [Hint in InstallHint]: readonly string[] } = {
  ios: ['To put the app on your home screen, open the browser’s Share menu and choose “Add to Home Screen”.', OWN_STORAGE],
  'mac-safari': ['To install the app, choose “Add to Dock” in Safari’s File menu.', OWN_STORAGE],
  'android-menu': ['To install the app, open the browser’s menu and choose “Install” or “Add to Home screen”. It keeps this wallet.'],
};

function Ways(): ComponentChildren {
  const { installing } = useApp();
  const install = useAction(async () => {
    await installing.ask();
  });
  const state = installing.state.value;
  switch (state.kind) {
    case 'installed':
      return <p>The app is installed on this device and starts without a connection.</p>;
    case 'offered':
      return (
        <>
          <p>Installed, the app has a window of its own, and payment files and links open with it. It is the same wallet.</p>
          <div class="row">
            <Button icon="accept" busy={install.busy} onClick={install.run}>
              Install TorrentTX
            </Button>
          </div>
        </>
      );
    case 'by-hand':
      return BY_HAND[state.hint].map((text) => <p key={text}>{text}</p>);
    case 'not-offered':
      return (
        <p>
          This browser does not offer to install the app at the moment. It starts without a connection all the same; a bookmark is enough.
        </p>
      );
  }
}

/** A section of `#/settings`. */
export function InstallSection() {
  const links = () => {
    announce(askForLinks() ? 'The browser asks now, or has done it.' : 'This browser does not let apps open links. Paste them instead.');
  };
  return (
    <Section title="App on this device">
      <Ways />
      <p>Links that start with “magnet:” or “web+ttx:” can open here. Pasting them anywhere in the app always works.</p>
      <div class="row">
        <Button onClick={links}>Open such links with this app</Button>
      </div>
    </Section>
  );
}
