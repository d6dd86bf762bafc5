/** Proving that the words were written down: three of them, asked for by their numbers. Pure. */

const ASKED = 3;

/** Three different positions out of `count`, from 0, in order. `random` gives numbers from 0 up to but not including 1. */
export function pickPositions(count: number, random: () => number): readonly number[] {
  const left = Array.from({ length: count }, (_, position) => position);
  const picked: number[] = [];
  while (picked.length < ASKED && left.length > 0) picked.push(...left.splice(Math.floor(random() * left.length), 1));
  return picked.sort((a, b) => a - b);
}

/** How many words a text has. */
export const countWords = (text: string): number =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '').length;
