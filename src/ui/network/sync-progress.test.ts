import { describe, expect, it } from 'vitest';
import { nextShown } from './sync-progress.tsx';

describe('the bar of the way to what others have', () => {
  it('goes forward only, while others make payments', () => {
    let shown = nextShown(undefined, { held: 500, about: 1_000, perSec: 1 });
    expect(shown.share).toBe(0.5);
    shown = nextShown(shown, { held: 510, about: 1_200, perSec: 1 });
    expect(shown.share).toBe(0.5);
    shown = nextShown(shown, { held: 900, about: 1_200, perSec: 1 });
    expect(shown.share).toBe(0.75);
  });

  it('begins anew when somebody comes who has far more', () => {
    const shown = nextShown({ share: 0.9, about: 1_000 }, { held: 900, about: 100_000, perSec: 1 });
    expect(shown).toEqual({ share: 0.009, about: 100_000 });
  });
});
