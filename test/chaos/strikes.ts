import { FAULTS, type Struck } from './faults.ts';
import type { FaultKind, PlannedFault } from './plan.ts';
import type { World } from './world.ts';

/** The faults of one run, those that are over and those that still hold. */
export class Strikes {
  readonly #world: World;
  readonly #strikes: Promise<{ kind: FaultKind; struck: Struck }>[] = [];
  readonly tally: { struck: FaultKind[]; missed: FaultKind[] } = { struck: [], missed: [] };

  constructor(world: World) {
    this.#world = world;
  }

  strike(fault: PlannedFault): void {
    const striking = FAULTS[fault.kind](this.#world, fault).then((struck) => {
      this.tally[struck].push(fault.kind);
      return { kind: fault.kind, struck };
    });
    // Told when all are over; until then it must not count as unhandled.
    striking.catch(() => undefined);
    this.#strikes.push(striking);
  }

  /** Until everything that was struck is put back, or on its way. @throws what could not be put back */
  async over(): Promise<void> {
    await Promise.all(this.#strikes);
  }
}
