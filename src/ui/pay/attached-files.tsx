/** Files that go with a payment: choosing them, and taking them away again. */
import { useState } from 'preact/hooks';
import type { ErrorReport } from '../../api/node.ts';
import { draft, filesUnderWay } from '../../client/draft.ts';
import { toReport } from '../../client/report.ts';
import { MAX_ATTACHMENTS } from '../../core/limit.ts';
import { announce, useApp } from '../context.ts';
import { formatBytes } from '../format.ts';
import { Button } from '../part/button.tsx';
import { FileButton } from '../part/file-button.tsx';
import { ErrorNotice } from '../part/notice.tsx';

/** The files of the draft. */
export function AttachedFiles() {
  const { client } = useApp();
  const [failure, setFailure] = useState<ErrorReport | undefined>(undefined);
  const { files = [] } = draft.value;
  const add = async (file: File) => {
    setFailure(undefined);
    filesUnderWay.value++;
    try {
      const attachment = await client.api.describeAttachment(file, file.name);
      const { files: before = [] } = draft.value;
      const isThere = before.some((one) => one.attachment.infohash === attachment.infohash);
      if (isThere || before.length >= MAX_ATTACHMENTS) return;
      draft.value = { ...draft.value, files: [...before, { attachment, file }] };
    } catch (thrown) {
      setFailure(toReport(thrown));
    } finally {
      filesUnderWay.value--;
    }
  };
  const remove = (infohash: string, name: string) => {
    draft.value = { ...draft.value, files: files.filter(({ attachment }) => attachment.infohash !== infohash) };
    announce(`Removed ${name}.`, { seen: false });
  };
  return (
    <fieldset class="files">
      <legend>Files (optional)</legend>
      {files.length > 0 && (
        <ul class="file-list">
          {files.map(({ attachment: { infohash, name, size } }) => (
            <li class="file-line" key={infohash}>
              <span class="file-name">{name}</span> <span class="hint">{formatBytes(size)}</span>
              <Button tone="quiet" label={`Remove ${name}`} onClick={() => remove(infohash, name)}>
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {filesUnderWay.value > 0 && <p role="status">Reading…</p>}
      {failure !== undefined && <ErrorNotice error={failure} />}
      {files.length < MAX_ATTACHMENTS && <FileButton label="Add files" accept="" multiple onFile={add} />}
      <p class="hint">
        {files.length === 0
          ? 'Up to 8 files of 16 MiB each, such as a receipt or a picture.'
          : 'Everybody who sees the payment can fetch them. Keep TorrentTX open until the receiver has: they stay on your device and come from there.'}
      </p>
    </fieldset>
  );
}
