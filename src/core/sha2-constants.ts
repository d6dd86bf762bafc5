/** The constants of SHA-256 (FIPS 180-4). */

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4). */
export const K = new Uint32Array(64);
/** Likewise of the square roots of the first 8 primes. */
export const H = new Uint32Array(8);

/** Fills the constants from their definition, so that no table has to be trusted. */
function fillConstants(): void {
  const fraction = (root: number) => Math.floor((root - Math.floor(root)) * 2 ** 32);
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) prime = false;
    if (!prime) continue;
    if (found < 8) H[found] = fraction(Math.sqrt(candidate));
    K[found++] = fraction(Math.cbrt(candidate));
  }
}
fillConstants();
