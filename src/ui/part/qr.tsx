/** QR codes, always dark on white: many cameras cannot read the inverse. */

import { useMemo } from 'preact/hooks';
import { encodeQR } from 'qr';

/** White modules around the code, as the standard (ISO/IEC 18004) asks for. */
const QUIET_ZONE = 4;

function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
}

/** A QR code of `text`. `label` says what scanning it does. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const code = useMemo(() => {
    const rows = encodeQR(text, 'raw', { ecc: text.length > 200 ? 'low' : 'medium', border: QUIET_ZONE });
    return { path: pathOf(rows), size: rows.length };
  }, [text]);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${code.size} ${code.size}`} shape-rendering="crispEdges">
      <path d={code.path} />
    </svg>
  );
}
