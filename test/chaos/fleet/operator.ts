import { setTimeout as sleep } from 'node:timers/promises';
import type { HostView } from '../../../src/domain/hosts/view.ts';
import { formatStackId } from '../../../src/domain/reaper/facts.ts';
import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { waitUntil } from '../../../src/host/polling.ts';
import { type Finding, findings } from '../findings.ts';
import { insist, isPassing } from '../insist.ts';
import type { FleetWorld } from './world.ts';

const LOOK_EVERY_MS = 1_000;
/** A wait for a host is told of at the next look at it, a while after the host counts as away. In milliseconds. */
const EXPLAINED_MS = 90_000;
/** For a host to count as away, to be told of, and to be forgotten. */
const SETTLED_MS = 200_000;

/**
 * Somebody who looks after the machines: sees which of those that were lost still have stacks by the record, and says that they do
 * not come back. Those that only do not answer are waited for.
 */
export class Operator {
  readonly #world: FleetWorld;
  readonly #services: readonly ServiceKey[];
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  readonly #given = new Set<string>();
  readonly #faults: string[] = [];

  /** @param services those of which something may run on one machine alone */
  constructor(world: FleetWorld, services: readonly ServiceKey[]) {
    this.#world = world;
    this.#services = services;
    this.#watching = services.length === 0 ? Promise.resolve() : this.#watch();
  }

  /** Stacks that were given up with their machine: `production/web-production-r17`. */
  get givenUp(): ReadonlySet<string> {
    return this.#given;
  }

  get findings(): Finding[] {
    return findings('wrong', this.#faults);
  }

  /** Until nothing is bound to a lost machine any more. */
  async settled(): Promise<void> {
    if (this.#services.length === 0) return;
    const isSettled = await waitUntil(SETTLED_MS, async () => (await this.#listLost()).length === 0);
    if (!isSettled) throw new Error('stacks are still bound to a machine that was lost and forgotten');
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Nobody answers now and then.
      const lost = await this.#listLost().catch(() => []);
      for (const host of lost.filter(({ state }) => state === 'away')) await this.#forget(host).catch(giveWay);
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Those that are lost, and that the record has stacks on. */
  async #listLost(): Promise<HostView[]> {
    const hosts = await this.#world.client.hosts.list();
    return hosts.filter(({ machine = '', stackCount }) => stackCount > 0 && this.#world.hasLost(machine));
  }

  async #forget(host: HostView): Promise<void> {
    const unexplained = async (): Promise<string[]> =>
      this.#listUnexplained(host).catch((error: unknown) => [`nobody answered: ${String(error)}`]);
    if (!(await waitUntil(EXPLAINED_MS, async () => (await unexplained()).length === 0))) {
      this.#faults.push(
        `host ${host.id} is away, and is not named where it is waited for: ${(await unexplained()).join(', ')}`,
      );
    }
    const change = { actor: 'operator', reason: 'the machine was lost', requestId: `forget-${host.id}` };
    await insist(this.#world, (client) => client.hosts.forget(host.id, change));
    for (const stack of host.stacks) this.#given.add(stack);
  }

  /** Stacks there that wait to be destroyed, without a word on the host. */
  async #listUnexplained({ id, stacks }: HostView): Promise<string[]> {
    const views = await Promise.all(this.#services.map((service) => this.#world.client.view(service)));
    return views.flatMap(({ status }) =>
      status.quarantine
        .filter(({ stack, lastError }) => {
          const project = status.spec.service.environment;
          return stacks.includes(formatStackId({ project, stack })) && !lastError.includes(id);
        })
        .map(({ stack, lastError }) => `${stack} (${lastError})`),
    );
  }
}

/** What nobody answers to is tried again at the next look. */
function giveWay(error: unknown): void {
  if (!isPassing(error)) throw error;
}
