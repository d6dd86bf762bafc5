/** Files that came with a payment: fetched when asked for, shown where they are pictures, saved as they are. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { AttachedFile, AttachmentFetch, OpenNetwork, TransactionDetail } from '../../api/node.ts';
import { attachmentMagnet, type OpenPicture, openPicture, PixelBudget, saveAttachment } from '../../client/attachment.ts';
import type { TxId } from '../../core/id.ts';
import { useApp } from '../context.ts';
import { formatBytes, plural, shortAddress } from '../format.ts';
import { useAction } from '../load.ts';
import { Button } from '../part/button.tsx';
import { Copyable } from '../part/copyable.tsx';
import { Fact, Facts, Identifier, Technical } from '../part/facts.tsx';
import { ErrorNotice } from '../part/notice.tsx';
import { Bar } from '../part/progress.tsx';
import { Card } from '../part/screen.tsx';

interface FileProps {
  readonly txid: TxId;
  readonly file: AttachedFile;
  /** Of all files on the screen. */
  readonly pixels: PixelBudget;
}

/** Pictures are drawn from bytes that are checked to be one; the claimed type only says whether it is worth looking. */
function Picture({ txid, file, pixels }: FileProps) {
  const { client } = useApp();
  const [url, setUrl] = useState<string | undefined>(undefined);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    let shown: OpenPicture | undefined;
    let gone = false;
    const show = async () => {
      const picture = await openPicture(await client.api.loadAttachment(txid, file.infohash));
      if (!gone && picture !== undefined && pixels.take(picture.pixels)) {
        shown = picture;
        setUrl(picture.url);
      } else {
        if (picture !== undefined) URL.revokeObjectURL(picture.url);
        if (!gone) setBroken(true);
      }
    };
    show().catch(() => !gone && setBroken(true));
    return () => {
      gone = true;
      if (shown === undefined) return;
      URL.revokeObjectURL(shown.url);
      pixels.giveBack(shown.pixels);
    };
  }, [client, txid, file.infohash, pixels]);
  if (isBroken) return <p class="hint">It cannot be shown as a picture here. You can still save it.</p>;
  if (url === undefined) return null;
  return <img class="file-picture" src={url} alt={file.name} decoding="async" onError={() => setBroken(true)} />;
}

function Here({ txid, file, pixels }: FileProps) {
  const { client } = useApp();
  const save = useAction(async () => saveAttachment(await client.api.loadAttachment(txid, file.infohash), file));
  return (
    <>
      {file.type.startsWith('image/') && <Picture txid={txid} file={file} pixels={pixels} />}
      <div class="row">
        <Button busy={save.busy} onClick={save.run} label={`Save ${file.name}`}>
          Save
        </Button>
      </div>
      {save.failure !== undefined && <ErrorNotice error={save.failure} />}
    </>
  );
}

/** A tracker brings two devices together within this time, as a rule. */
const PATIENCE_MS = 4_000;

/** Who is missing, while nobody has it; said once it does not come at once. */
function Missing({ detail }: { readonly detail: TransactionDetail }) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  const who = detail.kind === 'received' ? `the sender (${shortAddress(detail.from)})` : 'somebody who has it';
  return (
    <p role="status">
      {isLong
        ? `Nobody who has this file is connected now. Ask ${who} to open TorrentTX. The app keeps looking; you may do something else.`
        : 'Looking for a device that has it…'}
    </p>
  );
}

function Progress({
  detail,
  file,
  stage,
}: {
  readonly detail: TransactionDetail;
  readonly file: AttachedFile;
  readonly stage: AttachmentFetch['stage'];
}) {
  const { client } = useApp();
  const cancel = () => client.api.cancelAttachment(file.infohash).catch(() => undefined);
  const again = useAction(() => client.api.fetchAttachment(detail.txid, file.infohash));
  switch (stage.kind) {
    case 'waiting':
      return (
        <>
          <p role="status">Other files come first.</p>
          <div class="row">
            <Button onClick={cancel}>Cancel</Button>
          </div>
        </>
      );
    case 'fetching':
      return (
        <>
          <Bar label={`Fetching ${file.name}`} share={stage.receivedBytes > 0 ? stage.receivedBytes / file.size : undefined} />
          {stage.peers === 0 ? (
            <Missing detail={detail} />
          ) : (
            <p>
              {formatBytes(stage.receivedBytes)} of {formatBytes(file.size)}, from {plural(stage.peers, 'device')}
            </p>
          )}
          <div class="row">
            <Button onClick={cancel}>Cancel</Button>
          </div>
        </>
      );
    case 'failed':
      return (
        <>
          <ErrorNotice error={stage.error} />
          <div class="row">
            <Button busy={again.busy} onClick={again.run}>
              Try again
            </Button>
            <Button tone="quiet" onClick={cancel}>
              Dismiss
            </Button>
          </div>
        </>
      );
  }
}

interface AttachmentProps {
  readonly detail: TransactionDetail;
  readonly file: AttachedFile;
  readonly network: OpenNetwork;
  readonly pixels: PixelBudget;
}

function Attachment({ detail, file, network, pixels }: AttachmentProps) {
  const { client } = useApp();
  const fetching = network.fetches.find(({ infohash, sha256 }) => infohash === file.infohash && sha256 === file.sha256);
  const fetchIt = useAction(() => client.api.fetchAttachment(detail.txid, file.infohash));
  return (
    <li>
      <Card>
        <h3 class="file-name">{file.name}</h3>
        <p class="hint">{formatBytes(file.size)}</p>
        {file.isHere && <Here txid={detail.txid} file={file} pixels={pixels} />}
        {!file.isHere && fetching !== undefined && <Progress detail={detail} file={file} stage={fetching.stage} />}
        {!file.isHere && fetching === undefined && (
          <div class="row">
            <Button busy={fetchIt.busy} onClick={fetchIt.run} label={`Fetch ${file.name}`}>
              Fetch
            </Button>
          </div>
        )}
        {fetchIt.failure !== undefined && <ErrorNotice error={fetchIt.failure} />}
        <Technical>
          <Facts>
            <Fact name="Infohash">
              <Identifier>{file.infohash}</Identifier>
            </Fact>
            <Fact name="SHA-256 of the content">
              <Identifier>{file.sha256}</Identifier>
            </Fact>
            <Fact name="Type, as the sender claims">{file.type}</Fact>
          </Facts>
          <Copyable
            text={attachmentMagnet(
              file,
              network.trackers.map(({ url }) => url),
            )}
            what="magnet link"
          />
        </Technical>
      </Card>
    </li>
  );
}

/** The files of a payment; nothing where it names none. */
export function Attachments({ detail, network }: { readonly detail: TransactionDetail; readonly network: OpenNetwork }) {
  const pixels = useMemo(() => new PixelBudget(), []);
  if (detail.attachments.length === 0) return null;
  return (
    <section class="stack" aria-label="Files">
      <h2>{plural(detail.attachments.length, 'file')}</h2>
      {detail.attachments.some(({ isHere }) => !isHere) && (
        <p class="hint">They come from whoever wrote the payment, and can be anything. Open only what you expect.</p>
      )}
      <ul class="file-list">
        {detail.attachments.map((file) => (
          <Attachment key={file.infohash} detail={detail} file={file} network={network} pixels={pixels} />
        ))}
      </ul>
    </section>
  );
}
