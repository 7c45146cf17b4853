import type { Struck } from './faults.ts';

/** The faults of one run, those that are over and those that still hold. */
export class Strikes<Kind extends string, Planned extends { kind: Kind }> {
  readonly #carryOut: (fault: Planned) => Promise<Struck>;
  readonly #strikes: Promise<unknown>[] = [];
  readonly tally: { struck: Kind[]; missed: Kind[] } = { struck: [], missed: [] };

  constructor(carryOut: (fault: Planned) => Promise<Struck>) {
    this.#carryOut = carryOut;
  }

  strike(fault: Planned): void {
    const striking = this.#carryOut(fault).then((struck) => this.tally[struck].push(fault.kind));
    // Told when all are over; until then it must not count as unhandled.
    striking.catch(() => undefined);
    this.#strikes.push(striking);
  }

  /** Until everything that was struck is put back, or on its way. @throws what could not be put back */
  async over(): Promise<void> {
    await Promise.all(this.#strikes);
  }
}
