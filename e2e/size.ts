/** The two kinds of device that every line of the app is tried on. */

export interface Size {
  readonly name: 'desktop' | 'phone';
  /** In CSS pixels. */
  readonly viewport: { readonly width: number; readonly height: number };
  /** Fingers instead of a mouse, and the browser's way of laying out pages on phones. */
  readonly isTouch: boolean;
}

export const DESKTOP: Size = { name: 'desktop', viewport: { width: 1280, height: 800 }, isTouch: false };
export const PHONE: Size = { name: 'phone', viewport: { width: 390, height: 844 }, isTouch: true };
