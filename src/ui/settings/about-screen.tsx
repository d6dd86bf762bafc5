/** What this is, its version and licence. */
import { version } from '../../../package.json';
import { Fact, Facts } from '../part/facts.tsx';
import { Mark } from '../part/icon.tsx';
import { Screen, Section } from '../part/screen.tsx';

/** `#/settings/about` */
export function AboutScreen() {
  return (
    <Screen title="About TorrentTX" up={{ to: { kind: 'settings' }, label: 'Settings' }}>
      <Mark />
      <p class="lead">
        A currency without servers. Every payment is a small file that people pass on to each other, the way BitTorrent does.
      </p>
      <Section title="How it works">
        <p>
          A payment names the earlier payments its money came from, and is signed by its owner. Your browser fetches that history from
          others, checks every step itself, and keeps it available for whoever comes next. There is no bank, no company and no account: this
          tab is all there is.
        </p>
        <p>
          Your keys never leave this device. What you pay, to whom, and your notes can be read by everybody on the network. Devices that are
          connected see each other’s internet addresses.
        </p>
      </Section>
      <Section title="This app">
        <Facts>
          <Fact name="Version">{version}</Fact>
          <Fact name="Licence">Unlicense: public domain, without any warranty</Fact>
          <Fact name="Source">
            <a href="https://github.com/QuixThe2nd/TorrentTX" rel="noreferrer noopener" target="_blank">
              github.com/QuixThe2nd/TorrentTX
            </a>{' '}
            (the original idea)
          </Fact>
        </Facts>
      </Section>
      <p class="hint">This is young software for a young idea. Do not keep in it what you cannot afford to lose.</p>
    </Screen>
  );
}
