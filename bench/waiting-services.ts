import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../src/contract/supplant-client.ts';
import type { Receipt } from '../src/domain/service/requests.ts';
import type { ServiceKey, ServiceSpec } from '../src/domain/service/service.ts';
import type { StrategySpec } from '../src/domain/service/strategy.ts';
import { type Platform, change } from './platform.ts';
import { KEEP_NONE } from './sample.ts';

const LONG_MS = 6 * 3_600_000;
/** Long enough for a pause to be asked for meanwhile. */
const SHORT_MS = 15_000;
/** More at once only wait for the engine's places. */
const LANES = 12;
const LOOK_MS = 250;

/** What a rollout waits for: in a third of them each. */
export const WAITS = ['a bake', 'an analysis', 'a pause'] as const;
type WaitKind = (typeof WAITS)[number];

/** Services with a first revision that is live, and a rollout that waits in the first step of a canary. */
export class WaitingServices {
  readonly #platform: Platform;
  /** Of the server that all their revisions are. */
  readonly #port: number;
  readonly #count: number;

  constructor(platform: Platform, port: number, count: number) {
    this.#platform = platform;
    this.#port = port;
    this.#count = count;
  }

  /** Begins all, and waits until each waits. */
  async begin(): Promise<void> {
    const began = performance.now();
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < this.#count) {
        next += 1;
        const index = next;
        await this.#begin(index);
        if (index % 100 === 0) console.log(`${index} wait after ${Math.round((performance.now() - began) / 1_000)} s`);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** How many of each kind wait still. */
  async countWaiting(): Promise<Record<WaitKind, number>> {
    const counts = { 'a bake': 0, 'an analysis': 0, 'a pause': 0 };
    for (let index = 1; index <= this.#count; index += 1) {
      const kind = kindOf(index);
      const { wait, outcome } = (await this.#platform.client.rollout(keyOf(index)).catch(unlessPassing)) ?? {};
      if (outcome === undefined && wait?.on.startsWith(kind === 'a pause' ? 'resume' : 'the end of the bake')) {
        counts[kind] += 1;
      }
    }
    return counts;
  }

  async #begin(index: number): Promise<void> {
    const { client } = this.#platform;
    const kind = kindOf(index);
    // Without a revision before it all traffic would move at once.
    await this.#platform.done(this.#ask(this.#describe(index, 'first', { kind: 'blue-green', bakeMs: 0 })));
    const { service, rollout } = await this.#ask(this.#describe(index, 'second', STRATEGIES[kind]));
    await this.#until(service, rollout, ({ phase }) => phase === 'bake');
    if (kind !== 'a pause') return;
    await client.act(service, 'pause', { rollout, actor: 'bench' });
    await this.#until(service, rollout, ({ wait }) => wait?.on.startsWith('resume') ?? false);
  }

  /** On a machine that is busy with other things no worker may answer in time: the same request is made again. */
  async #ask(spec: ServiceSpec): Promise<Receipt> {
    const asked = change();
    for (;;) {
      const receipt = await this.#platform.client.apply(spec, asked).catch(unlessPassing);
      if (receipt) return receipt;
    }
  }

  async #until(
    service: ServiceKey,
    rollout: number,
    shows: (status: Awaited<ReturnType<Platform['client']['rollout']>>) => boolean,
  ): Promise<void> {
    for (;;) {
      const status = await this.#platform.client.rollout(service, rollout).catch(unlessPassing);
      if (status?.outcome !== undefined) {
        throw new Error(`rollout of ${service.name} has ${status.outcome}: ${status.because}`);
      }
      if (status && shows(status)) return;
      await sleep(LOOK_MS);
    }
  }

  #describe(index: number, artifact: string, strategy: StrategySpec): ServiceSpec {
    const timing = { successes: 1, intervalMs: 20, timeoutMs: 5_000, deadlineMs: 30_000 };
    return {
      service: keyOf(index),
      artifact,
      blueprint: { name: 'shared-server', config: { host: '127.0.0.1', port: this.#port } },
      router: { kind: 'embedded' },
      strategy,
      checks: [{ kind: 'http', name: 'answers', path: '/', status: [200], responseHeaders: {}, ...timing }],
      retention: KEEP_NONE,
    };
  }
}

const canary = (bakeMs: number): StrategySpec => ({
  kind: 'canary',
  steps: [{ weight: 10, bakeMs }],
  bakeMs: LONG_MS,
});

const STRATEGIES: Record<WaitKind, StrategySpec> = {
  'a bake': canary(LONG_MS),
  'an analysis': {
    ...canary(LONG_MS),
    analysis: {
      errorsAtMost: 0.05,
      compare: { errors: { alpha: 0.05 } },
      leastRequests: 100,
      budgets: { bad: 0, unmeasured: 100, undecided: 3 },
    },
  },
  'a pause': canary(SHORT_MS),
};

function kindOf(index: number): WaitKind {
  return WAITS[index % WAITS.length]!;
}

function keyOf(index: number): ServiceKey {
  return { name: `waiting-${index}`, environment: 'bench' };
}

/** Between queue and workflow a rollout is not to be seen for a moment. */
const PASSING: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNAVAILABLE']);

function unlessPassing(error: unknown): undefined {
  if (error instanceof ApiError && PASSING.has(error.reason)) return undefined;
  throw error;
}
