/** Where a payment stands, what that rests on, and what a payee may do now. */
import './standing.css';
import { Technical } from '../part/facts.tsx';
import { Icon } from '../part/icon.tsx';
import { type StandingFacts, standingText, waitOf } from './standing-text.ts';

const RADIUS = 20;

/** The time to *confirmed* as a ring that closes; where less motion is wanted, only the number in it changes. */
function Ring({ share, left }: { readonly share: number; readonly left: number }) {
  return (
    <div
      class="ring"
      role="progressbar"
      aria-label="Until it is confirmed"
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={`${left} s`}
    >
      <svg viewBox="0 0 48 48" aria-hidden="true" focusable="false">
        <circle class="ring-track" cx="24" cy="24" r={RADIUS} />
        <circle class="ring-arc" cx="24" cy="24" r={RADIUS} pathLength={100} stroke-dasharray="100" stroke-dashoffset={100 - share * 100} />
      </svg>
      <span aria-hidden="true">{left > 0 ? left : '…'}</span>
    </div>
  );
}

interface StandingCardProps {
  readonly facts: StandingFacts;
  /** Whether it pays the person who looks: only then goods may be asked for. */
  readonly isPayee: boolean;
}

/** Where it stands, the answer to a payee, and what both rest on. */
export function StandingCard({ facts, isPayee }: StandingCardProps) {
  const { tone, title, text, answer, basis } = standingText(facts);
  const wait = waitOf(facts);
  return (
    <section class={`standing notice-${tone}`} aria-label="Where this payment stands">
      {wait === undefined ? (
        <span class="standing-sign">
          <Icon name={tone === 'good' ? 'check' : tone === 'info' ? 'info' : 'warning'} />
        </span>
      ) : (
        <Ring {...wait} />
      )}
      <div class="standing-body">
        <div role="status">
          <p class="notice-title">{title}</p>
          <p>{text}</p>
          {isPayee && answer !== undefined && (
            <p class="standing-answer">
              May I hand over the goods? <strong>{answer}</strong>
            </p>
          )}
        </div>
        {basis.length > 0 && (
          <Technical title="What this rests on">
            <ul class="standing-basis">
              {basis.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </Technical>
        )}
      </div>
    </section>
  );
}
