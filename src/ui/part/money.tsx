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
  return (
    <span class={`money money-${size}`}>
      {signed && units > 0n ? '+' : ''}
      {whole}
      {fraction !== '' && <span class="money-fraction">{fraction}</span>}
      <span class="money-unit">{'\u00a0'}TTX</span>
    </span>
  );
}
