/** Saving the proof that somebody spent the same money twice. */
import { EVIDENCE_FILE_TYPE, saveFile } from '../../client/proof-file.ts';
import type { TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { ErrorNotice } from '../part/notice.tsx';

/** Both signed payments in one file. */
export function SaveEvidence({ txid }: { readonly txid: TxId }) {
  const { client } = useApp();
  const save = useAction(async () => {
    const bytes = await client.api.loadEvidence(txid);
    saveFile(new File([new Uint8Array(bytes)], `spent-twice-${txid.slice(0, 8)}.json`, { type: EVIDENCE_FILE_TYPE }));
  });
  return (
    <div class="stack">
      <div class="row">
        <Button busy={save.busy} onClick={save.run}>
          Save the evidence
        </Button>
      </div>
      <p class="hint">Both signed payments in one file. Anybody can check it by opening or dropping it on the Accept screen.</p>
      {save.failure !== undefined && <ErrorNotice error={save.failure} />}
    </div>
  );
}
