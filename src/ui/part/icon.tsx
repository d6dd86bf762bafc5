/** All icons: 24 × 24, drawn with one stroke in the colour of the text. Decoration only; the words beside them carry the meaning. */

const PATHS = {
  wallet: 'M4 7.5A2.5 2.5 0 0 1 6.5 5H17v3M4 7.5A2.5 2.5 0 0 0 6.5 10H20v9H6.5A2.5 2.5 0 0 1 4 16.5zM16 14.5h.01',
  activity: 'M5 6h14M5 12h14M5 18h8',
  network: 'M12 12 6 6m6 6 6-6m-6 6v7M6 6h.01M18 6h.01M12 19h.01M12 12h.01',
  settings: 'M5 8h8m4 0h2M5 16h2m4 0h8M15 6v4M9 14v4',
  receive: 'M17 7 7 17m0-8v8h8',
  send: 'M7 17 17 7M9 7h8v8',
  accept: 'M5 13v4a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-4M12 4v10m-4-4 4 4 4-4',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  share: 'M12 15V4m-4 4 4-4 4 4M6 12v7h12v-7',
  warning: 'M12 9v4m0 3.5h.01M10.6 4.5 3.3 17.2A1.6 1.6 0 0 0 4.7 19.6h14.6a1.6 1.6 0 0 0 1.4-2.4L13.4 4.5a1.6 1.6 0 0 0-2.8 0z',
  info: 'M12 11v5m0-8h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  back: 'm14 6-6 6 6 6',
  next: 'm10 6 6 6-6 6',
  plus: 'M12 5v14M5 12h14',
  key: 'M14.5 13a4.5 4.5 0 1 0-4.2-2.8L4 16.5V20h3.5v-2.5H10V15l1.3-1.3a4.5 4.5 0 0 0 3.2-.7zM15.5 8.5h.01',
  join: 'M13 4h5a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-5M4 12h10m-4-4 4 4-4 4',
  self: 'M7 8h8a4 4 0 0 1 0 8H6m3-3-3 3 3 3',
  seed: 'M12 20v-9m0 0c0-4 2.5-6 7-6 0 4-2.5 6-7 6zm0 3c0-3.5-2-5-6-5 0 3.5 2 5 6 5z',
  scan: 'M4 8.5V6a2 2 0 0 1 2-2h2.5M15.5 4H18a2 2 0 0 1 2 2v2.5M20 15.5V18a2 2 0 0 1-2 2h-2.5M8.5 20H6a2 2 0 0 1-2-2v-2.5M4 12h16',
  close: 'm6 6 12 12M18 6 6 18',
} as const;

/** Name of an icon. */
export type IconName = keyof typeof PATHS;

/** An icon beside its words. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: streams that join and flow on as one. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect class="mark-ground" width="64" height="64" rx="15" />
      <path class="mark-stream" d="M12 19h9c7 0 11 4 11 11v22M52 19h-9c-7 0-11 4-11 11" />
    </svg>
  );
}
