const WORD = 2 ** 32;

/**
 * Numbers from 0 up to 1 that look random, the same again for the same seed: what is drawn can be drawn again. Not for
 * secrets. This is splitmix32: a Weyl sequence, and the finaliser of MurmurHash3 over it
 * (https://dl.acm.org/doi/10.1145/2714064.2660195).
 */
export function createGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / WORD;
  };
}
