/** Backup, wallets, computing, storage. */
import type { NodeState, Settings, WalletSummary } from '../../api/node.ts';
import { reportPersistence } from '../../client/lifecycle.ts';
import { announce, useApp } from '../context.ts';
import { formatMoment, shortAddress } from '../format.ts';
import { useAction } from '../load.ts';
import { Button, LinkButton } from '../part/button.tsx';
import { Choice } from '../part/field.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';
import { Screen, Section } from '../part/screen.tsx';
import { InstallSection } from './install-section.tsx';
import { StorageBudget } from './storage-budget.tsx';

function WalletLine({ wallet, inUse }: { readonly wallet: WalletSummary; readonly inUse: boolean }) {
  const { client } = useApp();
  const use = useAction(async () => {
    await client.api.switchWallet(wallet.id);
    announce('Another wallet is in use now.');
  });
  return (
    <li class="listed">
      <span class="line-words">
        <code>{shortAddress(wallet.address)}</code>
        <span class="hint">
          {inUse ? 'in use · ' : ''}
          {wallet.origin === 'created' ? 'made here' : 'restored'} {formatMoment(wallet.createdAtMs)}
        </span>
        {use.failure !== undefined && <ErrorNotice error={use.failure} />}
      </span>
      {!inUse && (
        <Button busy={use.busy} onClick={use.run}>
          Use this wallet
        </Button>
      )}
    </li>
  );
}

type Level = 'auto' | 'none' | 'less' | 'more' | 'most' | 'own';

/** Bits of each level, beside the device's own second. */
function levels(settings: Settings): { readonly [Name in Exclude<Level, 'own'>]: number | 'auto' } {
  const { autoWorkBits } = settings;
  return { auto: 'auto', none: 0, less: Math.max(1, autoWorkBits - 3), more: autoWorkBits + 2, most: autoWorkBits + 4 };
}

function levelOf(settings: Settings): Level {
  const all = levels(settings);
  const found = (['auto', 'none', 'less', 'more', 'most'] as const).find((name) => all[name] === settings.workBits);
  return found ?? 'own';
}

function WorkLevel({ settings }: { readonly settings: Settings }) {
  const { client } = useApp();
  const all = levels(settings);
  const current = levelOf(settings);
  const choose = (level: Level) => (level === 'own' ? undefined : client.api.setWorkBits(all[level]));
  const own = { value: 'own' as const, label: `As set: ${String(settings.workBits)} bits` };
  return (
    <Choice
      legend="Computing for each payment"
      hint="Before it signs, your device computes for a moment. More than others have lately done makes a payment cheaper; less makes it dearer."
      value={current}
      onChoose={choose}
      choices={[
        { value: 'auto', label: 'About a second', hint: `${settings.autoWorkBits} bits on this device; recommended` },
        { value: 'none', label: 'None', hint: 'saves the battery, costs more' },
        { value: 'less', label: 'A blink', hint: `${all.less} bits` },
        { value: 'more', label: 'A few seconds', hint: `${all.more} bits` },
        { value: 'most', label: 'Longer', hint: `${all.most} bits, about 15 seconds` },
        ...(current === 'own' ? [own] : []),
      ]}
    />
  );
}

function Persistence({ settings }: { readonly settings: Settings }) {
  const { client } = useApp();
  const ask = useAction(() => reportPersistence(client, true));
  if (settings.persisted === 'yes') return <p>The browser has promised to keep this wallet until you delete it.</p>;
  return (
    <div class="stack">
      <p>
        The browser may delete this wallet when the device runs out of space, or when you have not used it for a while.{' '}
        {settings.persisted === 'no' ? 'Installing the app or adding it to your bookmarks often helps.' : ''}
      </p>
      <div class="row">
        <Button busy={ask.busy} onClick={ask.run}>
          Ask the browser to keep it
        </Button>
      </div>
    </div>
  );
}

/** `#/settings` */
export function SettingsScreen({ state }: { readonly state: NodeState }) {
  const { wallet, settings } = state;
  return (
    <Screen title="Settings">
      <Section title="Backup">
        {wallet.backedUpAtMs === undefined ? (
          <Notice tone={state.network?.isDevnet === true ? 'info' : 'caution'} title="Your words are not backed up">
            <p>Twelve words on paper bring your money back when this device is lost or the browser’s data is deleted.</p>
          </Notice>
        ) : (
          <Notice tone="good" title="Your words are backed up">
            <p>Confirmed on {formatMoment(wallet.backedUpAtMs)}.</p>
          </Notice>
        )}
        <div class="row">
          <LinkButton to={{ kind: 'words' }} icon="key" tone={wallet.backedUpAtMs === undefined ? 'primary' : 'secondary'}>
            Back up your words
          </LinkButton>
          {wallet.backedUpAtMs !== undefined && <LinkButton to={{ kind: 'words-check' }}>Check your backup</LinkButton>}
          <LinkButton to={{ kind: 'restore' }}>Restore from words</LinkButton>
        </div>
      </Section>
      <Section title="Wallets on this device">
        <ul class="plain">
          {wallet.wallets.map((one) => (
            <WalletLine key={one.id} wallet={one} inUse={one.id === wallet.id} />
          ))}
        </ul>
      </Section>
      <Section title="Computing">
        <WorkLevel settings={settings} />
      </Section>
      <InstallSection />
      <Section title="Storage">
        <Persistence settings={settings} />
        <StorageBudget state={state} />
      </Section>
      <Section title="About">
        <div class="row">
          <LinkButton to={{ kind: 'about' }} icon="info">
            About TorrentTX
          </LinkButton>
        </div>
      </Section>
    </Screen>
  );
}
