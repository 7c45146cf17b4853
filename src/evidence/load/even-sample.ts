import { createGenerator } from '../../domain/statistics/generator.ts';

const SEED = 1;

/**
 * One at random out of each of `most` equal stretches of `count` numbers: even in time, and of every endpoint, where every
 * n-th one could all be of the same. The same each time, so that a measurement can be understood afterwards.
 */
export function chooseEvenly(count: number, most: number): Uint32Array {
  const size = Math.min(count, most);
  const draw = createGenerator(SEED);
  return Uint32Array.from({ length: size }, (_, stretch) => {
    const [from, to] = [startOf(stretch, count, size), startOf(stretch + 1, count, size)];
    return from + Math.floor(draw() * (to - from));
  });
}

/** Keeps the values of an even choice of requests, in the order of sending, whenever their answers come. */
export class EvenSample {
  readonly #count: number;
  readonly #chosen: Uint32Array;
  readonly #values: Float64Array;

  constructor(count: number, most: number) {
    this.#count = count;
    this.#chosen = chooseEvenly(count, most);
    this.#values = new Float64Array(this.#chosen.length).fill(NaN);
  }

  /** @param index of the request, from 0 on */
  offer(index: number, value: number): void {
    const stretch = Math.floor((index * this.#chosen.length) / this.#count);
    if (this.#chosen[stretch] === index) this.#values[stretch] = value;
  }

  /** Those that have a value. */
  list(): number[] {
    return [...this.#values].filter((value) => !Number.isNaN(value));
  }
}

function startOf(stretch: number, count: number, size: number): number {
  return Math.ceil((stretch * count) / size);
}
