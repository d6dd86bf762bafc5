/** How far a payment may be relied on, in plain words, and what that rests on. */
import type { ActivityEntry, TransactionState, Witnesses } from '../../api/node.ts';
import { CONFIRM_MS, SETTLE_MS } from '../../core/limit.ts';
import { plural } from '../format.ts';
import type { NoticeTone } from '../part/notice.tsx';

/** What the words depend on. */
export interface StandingFacts
  extends Pick<ActivityEntry, 'kind' | 'state' | 'standing' | 'cheat' | 'holders' | 'delivered' | 'differing' | 'chosenAtMs'> {
  readonly witnesses?: Witnesses | undefined;
}

/** What to tell whoever waits for money. */
export interface StandingText {
  readonly tone: NoticeTone;
  readonly title: string;
  /** Does not change from second to second, for it may be read out. */
  readonly text: string;
  /** To a payee who asks "May I hand over the goods?"; undefined where nobody was paid by somebody else. */
  readonly answer: string | undefined;
  /** What it rests on, one fact a line. */
  readonly basis: readonly string[];
}

const TONES: { readonly [State in TransactionState]: NoticeTone } = {
  mempool: 'info',
  unconfirmed: 'info',
  contested: 'caution',
  confirmed: 'good',
  conflicted: 'bad',
  rejected: 'bad',
};

/** As many as would keep a contested payment from settling. */
const DISPUTING_SHARE = 0.3;

/** Whether so many connected devices count another payment of the same money that nobody should rely on this one. */
const isDisputed = ({ state, standing, differing = 0 }: Pick<StandingFacts, 'state' | 'standing' | 'differing'>): boolean =>
  (state === 'unconfirmed' || state === 'confirmed') && differing > 0 && differing >= DISPUTING_SHARE * (standing?.peers ?? 0);

function withdrawnText({ kind, cheat, chosenAtMs }: StandingFacts): string {
  if (chosenAtMs !== undefined) return 'Money was spent twice, and you chose to follow the other side. This payment does not count here.';
  if (cheat === 'earlier')
    return 'Money that this payment came from was spent twice by somebody before, and the other payment counts. This one does not.';
  return kind === 'received'
    ? 'Its sender spent the same money twice, and the other payment counts. This one does not.'
    : 'The same money was spent twice with your words, perhaps on another device, and the other payment counts. This one does not.';
}

function contestedText({ kind, cheat }: StandingFacts): string {
  const who =
    cheat === 'earlier'
      ? 'Money that this payment came from was spent twice.'
      : kind === 'received'
        ? 'The sender spent the same money twice.'
        : 'The same money was spent twice with your words, perhaps on another device.';
  return `${who} The devices are agreeing on which payment counts. Wait.`;
}

/** Why the time to *confirmed* does not pass or end; undefined while it just passes. */
function hindrance({ standing, holders }: StandingFacts): string | undefined {
  if (standing === undefined) return undefined;
  if (standing.peers === 0)
    return 'Its whole history is right. It waits for other devices: alone, this one cannot know whether the same money was spent elsewhere too.';
  if (!standing.isCounting) return 'First this device has to catch up with the others.';
  if (standing.confirmsInMs !== undefined && standing.confirmsInMs <= 1)
    return holders === 0
      ? 'Nothing speaks against it, but no connected device has said yet that it holds it.'
      : 'Nothing speaks against it, but too few of the connected devices have said that they hold it.';
  return undefined;
}

function titleOf(facts: StandingFacts): string {
  const { kind, state } = facts;
  if (isDisputed(facts)) return 'Devices disagree';
  switch (state) {
    case 'mempool':
      return 'Waiting for its history';
    case 'unconfirmed':
      return kind === 'received' ? 'Received, not yet confirmed' : 'Valid, not yet confirmed';
    case 'contested':
      return 'Contested';
    case 'confirmed':
      return 'Confirmed';
    case 'conflicted':
      return 'Withdrawn';
    case 'rejected':
      return 'Refused';
  }
}

function textOf(facts: StandingFacts): string {
  if (isDisputed(facts))
    return `It counts here, but ${plural(facts.differing ?? 0, 'connected device counts', 'connected devices count')} another payment of the same money instead.`;
  switch (facts.state) {
    case 'mempool':
      return 'Some of its history has not arrived yet, so it does not count.';
    case 'unconfirmed':
      return hindrance(facts) ?? 'Its whole history is right. Now it has to stand unopposed for 15 seconds.';
    case 'contested':
      return contestedText(facts);
    case 'confirmed':
      return (facts.standing?.rivals.length ?? 0) > 0
        ? 'The same money was spent again, but this payment is the one that counts.'
        : 'It has stood unopposed for long enough, in touch with other devices.';
    case 'conflicted':
      return withdrawnText(facts);
    case 'rejected':
      return 'It breaks a rule and will never count.';
  }
}

function answerOf(facts: StandingFacts): string | undefined {
  if (facts.kind !== 'received') return undefined;
  if (isDisputed(facts)) return 'No, not while devices disagree.';
  switch (facts.state) {
    case 'mempool':
      return 'No, wait.';
    case 'unconfirmed':
      return hindrance(facts) === undefined ? 'Not yet. Wait until it is confirmed.' : 'Not yet.';
    case 'contested':
      return 'No, wait. It may be withdrawn.';
    case 'confirmed':
      return 'Yes.';
    case 'conflicted':
    case 'rejected':
      return 'No.';
  }
}

const seconds = (ms: number) => Math.max(0, Math.floor(ms / 1_000));

const differingText = (differing: number, isLost: boolean): string =>
  isLost
    ? `${plural(differing, 'connected device counts', 'connected devices count')} it all the same.`
    : `${plural(differing, 'connected device counts', 'connected devices count')} another payment of the money instead.`;

function basisOf({ state, standing, holders, delivered, witnesses, differing = 0, chosenAtMs }: StandingFacts): readonly string[] {
  const fork = differing === 0 ? [] : [differingText(differing, standing === undefined)];
  if (standing === undefined) return fork;
  const { peers, rivals, confirmsInMs } = standing;
  const held =
    holders > 0
      ? `${plural(holders, 'other device holds', 'other devices hold')} it now.`
      : delivered
        ? 'Others have it, but none of them is connected now.'
        : 'Nobody else is known to hold it yet.';
  const uses = () => {
    if (rivals.length > 0) return `${plural(rivals.length, 'other payment')} of the same money is known.`;
    if (witnesses !== undefined && witnesses.asked > 0)
      return `${witnesses.clear} of ${plural(witnesses.asked, 'device')} asked know of no other use of the money; ${witnesses.unspent} of ${witnesses.asked} show that it is unspent.`;
    if (peers === 0) return 'Nobody is connected who could know of another use of the money.';
    return peers === 1
      ? 'The one connected device has told of no other use of the money.'
      : `None of the ${peers} connected devices has told of another use of the money.`;
  };
  const unopposed = state === 'unconfirmed' && confirmsInMs !== undefined ? seconds(SETTLE_MS + CONFIRM_MS - confirmsInMs) : 0;
  const undisputed = unopposed > 0 ? [`Unopposed for ${plural(unopposed, 'second')} in touch with others.`] : [];
  const choice = chosenAtMs === undefined ? [] : ['You chose this side; this device stays on it.'];
  return [uses(), held, ...fork, ...undisputed, ...choice];
}

/** All of it. */
export function standingText(facts: StandingFacts): StandingText {
  const isHindered = isDisputed(facts) || (facts.state === 'unconfirmed' && hindrance(facts) !== undefined);
  // What one has chosen is no alarm.
  const tone = isHindered ? 'caution' : facts.state === 'conflicted' && facts.chosenAtMs !== undefined ? 'info' : TONES[facts.state];
  return { tone, title: titleOf(facts), text: textOf(facts), answer: answerOf(facts), basis: basisOf(facts) };
}

/** The way to *confirmed*; undefined where no time leads there. `left` in whole seconds, `share` 0 … 1. */
export function waitOf(
  facts: Pick<StandingFacts, 'state' | 'standing' | 'differing'>,
): { readonly share: number; readonly left: number } | undefined {
  const { state, standing } = facts;
  if (state !== 'unconfirmed' || standing?.confirmsInMs === undefined || isDisputed(facts)) return undefined;
  const share = 1 - standing.confirmsInMs / (SETTLE_MS + CONFIRM_MS);
  return { share: Math.min(1, Math.max(0, share)), left: standing.confirmsInMs <= 1 ? 0 : Math.ceil(standing.confirmsInMs / 1_000) };
}
