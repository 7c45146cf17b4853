import { ApiError } from '../../src/contract/supplant-client.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';
import type { RouteObservation } from '../../src/domain/traffic/route.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { type ClientSource, type End, awaitEnd, insist, isPassing } from './insist.ts';
import type { Behaviour, Wish } from './plan.ts';
import type { Release } from './program.ts';

/** For a router that was killed to be back, with the routes that it had, in milliseconds. */
const ROUTER_BACK_MS = 30_000;

/** What was answered to a wish. */
export type Answer = { wish: Wish } & (
  | {
      receipt: Receipt;
      version?: string;
      behaviour?: Behaviour;
      /** How the service was described when it was asked for. */
      spec?: ServiceSpec;
    }
  | { effect: string }
  | { refused: string }
);

/** What one service's people do. Whatever nobody answers they ask again under the same id, as every client should. */
export class Life {
  readonly service: ServiceKey;
  readonly answers: Answer[] = [];
  readonly #world: ClientSource;
  readonly #seed: number;
  readonly #describe: (release: Release) => ServiceSpec;
  #asked = 0;
  /** As it was described last. */
  #spec: ServiceSpec | undefined;

  constructor(
    world: ClientSource,
    service: ServiceKey,
    { seed, describe }: { seed: number; describe: (release: Release) => ServiceSpec },
  ) {
    this.#world = world;
    this.service = service;
    this.#seed = seed;
    this.#describe = describe;
  }

  async carryOut(wish: Wish): Promise<Answer> {
    const answer = await this.#answered(wish);
    this.answers.push(answer);
    return answer;
  }

  async remove(): Promise<Receipt> {
    const change = this.#change();
    return insist(this.#world, (client) => client.remove(this.service, change));
  }

  /** Nobody leaves a rollout paused. */
  async resume(): Promise<void> {
    if (!this.answers.some((answer) => answer.wish.do === 'pause' && 'effect' in answer)) return;
    const by = this.#change();
    await insist(this.#world, (client) => client.act(this.service, 'resume', by)).catch((error: unknown) => {
      if (!(error instanceof ApiError) || isPassing(error)) throw error;
    });
  }

  async endOf(receipt: Receipt, signal: AbortSignal): Promise<End> {
    return awaitEnd(this.#world, receipt, signal);
  }

  /** Where its users ask. @throws Error where nobody answers for long, or it has no route */
  async address(): Promise<string> {
    let route: RouteObservation | undefined;
    const look = async (): Promise<boolean> => {
      ({ route } = await insist(this.#world, (client) => client.view(this.service)));
      return route !== undefined;
    };
    // A router that was killed says nothing of it until it is back.
    await waitUntil(ROUTER_BACK_MS, look);
    if (!route) throw new Error(`${this.service.name} has been deployed, and has no route`);
    return `http://${route.address.host}:${route.address.port}/`;
  }

  async #answered(wish: Wish): Promise<Answer> {
    try {
      switch (wish.do) {
        case 'deploy': {
          const release = this.#release(wish);
          const change = this.#change();
          // Once: the same id says the same.
          const spec = this.#describe(release);
          const receipt = await insist(this.#world, (client) => client.apply(spec, change));
          this.#spec = spec;
          return { wish, receipt, version: release.version, behaviour: wish.behaviour, spec };
        }
        case 'rollback': {
          const change = this.#change();
          const receipt = await insist(this.#world, (client) => client.rollback(this.service, undefined, change));
          return { wish, receipt, ...(this.#spec ? { spec: this.#spec } : {}) };
        }
        default: {
          const by = { ...this.#change(), ...(wish.do === 'promote' && wish.full ? { full: true as const } : {}) };
          return { wish, effect: await insist(this.#world, (client) => client.act(this.service, wish.do, by)) };
        }
      }
    } catch (error) {
      if (error instanceof ApiError && (error.reason === 'REFUSED' || error.reason === 'NOT_FOUND')) {
        return { wish, refused: error.message };
      }
      throw error;
    }
  }

  #release({ behaviour, provider, ramp, guards }: Extract<Wish, { do: 'deploy' }>): Release {
    const version = `${this.service.name}-${this.#asked + 1}-${behaviour}`;
    return {
      ...{ service: this.service, version, behaviour },
      ...(provider ? { provider } : {}),
      ...(ramp ? { ramp } : {}),
      ...(guards ? { guards } : {}),
    };
  }

  #change() {
    this.#asked += 1;
    return {
      actor: 'chaos',
      reason: `seed ${this.#seed}`,
      requestId: `${this.#seed}-${this.service.name}-${this.#asked}`,
    };
  }
}
