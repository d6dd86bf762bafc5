/** QR codes, always dark on white: many cameras cannot read the inverse. */

import { useMemo } from 'preact/hooks';
import { encodeQR } from 'qr';

function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')).join('')).join('');
}

/** A QR code of `text`. `label` says what scanning it does. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const code = useMemo(() => {
    const rows = encodeQR(text, 'raw', { ecc: text.length > 200 ? 'low' : 'medium', border: 0 });
    return { path: pathOf(rows), size: rows.length };
  }, [text]);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`-2 -2 ${code.size + 4} ${code.size + 4}`} shape-rendering="crispEdges">
      <path d={code.path} />
    </svg>
  );
}
