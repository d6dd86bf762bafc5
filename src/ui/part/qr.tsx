/** QR codes, always dark on white: many cameras cannot read the inverse. */

import { useEffect, useState } from 'preact/hooks';
import { afterPicture } from '../../client/frames.ts';

/** White modules around the code, as the standard (ISO/IEC 18004) asks for. */
const QUIET_ZONE = 4;

function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
}

interface Code {
  readonly text: string;
  readonly path: string;
  readonly size: number;
}

async function encode(text: string): Promise<Code> {
  const { encodeQR } = await import('qr');
  const rows = encodeQR(text, 'raw', { ecc: text.length > 200 ? 'low' : 'medium', border: QUIET_ZONE });
  return { text, path: pathOf(rows), size: rows.length };
}

/**
 * A QR code of `text`. `label` says what scanning it does. It is loaded and drawn after the rest: it takes a slow phone a tenth of a
 * second, and the text beside it says the same. Its place is kept.
 */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const [code, setCode] = useState<Code>();
  useEffect(() => {
    let isWanted = true;
    const draw = () => {
      if (!isWanted) return;
      encode(text).then(
        (encoded) => isWanted && setCode(encoded),
        // Could not be loaded: the text beside it has to do.
        () => undefined,
      );
    };
    afterPicture(draw);
    return () => {
      isWanted = false;
    };
  }, [text]);
  const size = code?.size ?? 1;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      {code?.text === text && <path d={code.path} />}
    </svg>
  );
}
