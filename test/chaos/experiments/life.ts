import { setTimeout as sleep } from 'node:timers/promises';
import type { ExperimentKey, ExperimentSpec } from '../../../src/domain/experiment/experiment.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import { ApiError, type SupplantClient } from '../../../src/contract/supplant-client.ts';
import { type ClientSource, insist } from '../insist.ts';
import type { Deed, PlannedDeed } from './plan.ts';

const EXTENSION_MS = 5_000;

/** What the people of one experiment do. Whatever nobody answers they ask again under the same id. */
export class ExperimentLife {
  readonly #from: ClientSource;
  readonly #key: ExperimentKey;
  #asked = 0;

  constructor(from: ClientSource, key: ExperimentKey) {
    this.#from = from;
    this.#key = key;
  }

  async apply(spec: ExperimentSpec): Promise<void> {
    const change = this.#change();
    await insist(this.#from, ({ experiments }) => experiments.apply(spec, change));
  }

  /** Each at its time. */
  async live(deeds: readonly PlannedDeed[]): Promise<void> {
    await Promise.all(
      deeds.map(async ({ do: deed, delayMs }) => {
        await sleep(delayMs);
        await this.carryOut(deed);
      }),
    );
  }

  /** What cannot be done at that moment is refused, and left at that. */
  async carryOut(deed: Deed): Promise<void> {
    const change = this.#change();
    try {
      await insist(this.#from, ({ experiments }) => this.#ask(experiments, deed, change));
    } catch (error) {
      if (!(error instanceof ApiError && (error.reason === 'REFUSED' || error.reason === 'NOT_FOUND'))) throw error;
    }
  }

  #ask(experiments: SupplantClient['experiments'], deed: Deed, change: RequestMeta): Promise<unknown> {
    const experiment = this.#key;
    switch (deed) {
      case 'extend':
        return experiments.extend({ experiment }, EXTENSION_MS, change);
      case 'stop':
        return experiments.stop({ experiment }, change);
      default:
        return experiments[deed](experiment, change);
    }
  }

  #change(): RequestMeta {
    this.#asked += 1;
    return { actor: 'chaos', requestId: `${this.#key.name}-${this.#asked}` };
  }
}
