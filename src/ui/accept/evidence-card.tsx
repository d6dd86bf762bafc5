/** What a file of evidence proves. */
import type { Evidence } from '../../api/node.ts';
import { formatMoment, shortAddress } from '../format.ts';
import { FullAddress } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { Icon } from '../part/icon.tsx';
import { Money } from '../part/money.tsx';

/** Both signatures were checked on this device. */
export function EvidenceCard({ evidence: { signer, spentTwice, payments } }: { readonly evidence: Evidence }) {
  return (
    <article class="acceptance acceptance-bad" aria-label="Evidence">
      <div class="acceptance-head" role="status">
        <Icon name="warning" />
        <h2>This proves that somebody spent the same money twice</h2>
      </div>
      <p>
        Both payments are signed by <code>{shortAddress(signer)}</code>, and only one of them can count. This device has checked both
        signatures; anybody else can, too. It does not say which payment counts.
      </p>
      <Facts>
        <Fact name="Signed by">
          <FullAddress address={signer} />
        </Fact>
        {payments.map(({ txid, to, amount, claimedAtMs }) => (
          <Fact key={txid} name={`To ${shortAddress(to)}`}>
            <Money units={amount} />, {formatMoment(claimedAtMs)} as the sender claims
          </Fact>
        ))}
      </Facts>
      <Technical>
        <Facts>
          <Fact name="Both payments (txid)">
            {payments.map(({ txid }) => (
              <Identifier key={txid}>{txid}</Identifier>
            ))}
          </Fact>
          <Fact name="Spend money from">
            {spentTwice.map((txid) => (
              <Identifier key={txid}>{txid}</Identifier>
            ))}
          </Fact>
        </Facts>
      </Technical>
    </article>
  );
}
