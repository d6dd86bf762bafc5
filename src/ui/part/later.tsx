/** What the first picture can do without. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { firstPicture } from '../../client/frames.ts';

const isFirstShown = signal(false);
firstPicture.then(() => {
  isFirstShown.value = true;
});

/** Draws its children in the picture after the first: what stands below or beside what the person has come for, and moves nothing of that. */
export function Later({ children }: { readonly children: ComponentChildren }) {
  return isFirstShown.value ? children : null;
}
