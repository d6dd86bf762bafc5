/** A payment as a file: saved where downloads go, or given to another app. */
import { useState } from 'preact/hooks';
import { PROOF_FILE_TYPE, saveFile } from '../../client/proof-file.ts';
import { canShareFile, shareFile } from '../../client/share.ts';
import type { TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { useAction, useLoad } from '../load.ts';
import { Button } from '../part/button.tsx';
import { ErrorNotice, Notice } from '../part/notice.tsx';

export function ProofFile({ txid }: { readonly txid: TxId }) {
  const { client } = useApp();
  // Loaded before anybody taps: a browser shares only what it is given in the very moment of the tap.
  const loaded = useLoad(async () => {
    const bytes = new Uint8Array(await client.api.loadProofFile(txid));
    return new File([bytes], `payment-${txid.slice(0, 8)}.torrent`, { type: PROOF_FILE_TYPE });
  }, [txid]);
  const [wasRefused, setRefused] = useState(false);
  const file = loaded.kind === 'ready' ? loaded.value : undefined;
  const save = () => {
    if (file !== undefined) saveFile(file);
  };
  const share = useAction(async () => {
    if (file === undefined) return;
    const isRefused = (await shareFile(file)) === 'refused';
    setRefused(isRefused);
    if (isRefused) save();
  });
  if (loaded.kind === 'failed') return <ErrorNotice error={loaded.error} />;
  return (
    <>
      <p>
        A file carries the payment and as much of its history as fits 1 MB. With all of it inside, the payment can be checked with nobody
        online. It is an ordinary .torrent file.
      </p>
      <div class="row">
        {file !== undefined && canShareFile(file) && (
          <Button icon="share" busy={share.busy} onClick={share.run}>
            Share as a file
          </Button>
        )}
        <Button busy={file === undefined} onClick={save}>
          Save as a file
        </Button>
      </div>
      {wasRefused && (
        <Notice tone="info" title="Saved instead" live>
          <p>This browser did not share the file. It is among your downloads now: attach it to a message from there.</p>
        </Notice>
      )}
    </>
  );
}
