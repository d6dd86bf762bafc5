/** Amounts on screen. */
import { formatAmount } from '../../core/amount.ts';
import { splitAmount } from '../format.ts';

interface MoneyProps {
  readonly units: bigint;
  readonly size?: 'text' | 'large';
  /** Writes a plus before what came in. */
  readonly signed?: boolean;
}

/** An amount with its unit; decimals a little quieter than whole TTX. It breaks only where digits are grouped. */
export function Money({ units, size = 'text', signed = false }: MoneyProps) {
  const [whole, fraction] = splitAmount(formatAmount(units));
  // How much room it takes: the rest is written at 0.55 of the size. The style sheet shrinks what would not fit.
  const room = whole.length + 1 + 0.55 * (fraction.length + 4);
  return (
    <span class={`money money-${size}`} style={size === 'large' ? { '--room': room.toFixed(1) } : undefined}>
      {signed && units > 0n ? '+' : ''}
      {whole}
      {fraction !== '' && <span class="money-fraction">{fraction}</span>}
      <span class="money-unit">{'\u00a0'}TTX</span>
    </span>
  );
}
