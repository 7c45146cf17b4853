import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type SupplantClient } from '../../src/contract/supplant-client.ts';
import type { Receipt } from '../../src/domain/service/requests.ts';
import type { RolloutOutcome } from '../../src/domain/rollout/rollout.ts';
import type { ServiceKey } from '../../src/domain/service/service.ts';
import type { Behaviour, Wish } from './plan.ts';
import { type Release, specOf } from './program.ts';
import type { World } from './world.ts';

/** What was answered to a wish. */
export type Answer = { wish: Wish } & (
  { receipt: Receipt; version?: string; behaviour?: Behaviour } | { effect: string } | { refused: string }
);

/** How long people go on asking before they call it lost, in milliseconds. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 100;

/** What one service's people do. Whatever nobody answers they ask again under the same id, as every client should. */
export class Life {
  readonly service: ServiceKey;
  readonly answers: Answer[] = [];
  readonly #world: World;
  readonly #seed: number;
  #asked = 0;

  constructor(world: World, service: ServiceKey, seed: number) {
    this.#world = world;
    this.service = service;
    this.#seed = seed;
  }

  async carryOut(wish: Wish): Promise<Answer> {
    const answer = await this.#answered(wish);
    this.answers.push(answer);
    return answer;
  }

  async remove(): Promise<Receipt> {
    const change = this.#change();
    return this.#insist((client) => client.remove(this.service, change));
  }

  /** Nobody leaves a rollout paused. */
  async resume(): Promise<void> {
    if (!this.answers.some((answer) => answer.wish.do === 'pause' && 'effect' in answer)) return;
    const by = this.#change();
    await this.#insist((client) => client.act(this.service, 'resume', by)).catch((error: unknown) => {
      if (!(error instanceof ApiError) || isPassing(error)) throw error;
    });
  }

  /** Waits for the end of a rollout; a client's own waiting survives whatever happens to gateways. */
  async outcomeOf({ rollout }: Receipt, signal: AbortSignal): Promise<RolloutOutcome> {
    for (;;) {
      try {
        const status = await this.#world.client.waitForRollout(this.service, rollout, signal);
        if (status.outcome) return status.outcome;
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
      }
      await sleep(PAUSE_MS);
    }
  }

  async address(): Promise<string | undefined> {
    try {
      const { route } = await this.#world.client.view(this.service);
      return route && `http://${route.address.host}:${route.address.port}/`;
    } catch (error) {
      if (isPassing(error)) return undefined;
      throw error;
    }
  }

  async #answered(wish: Wish): Promise<Answer> {
    try {
      switch (wish.do) {
        case 'deploy': {
          const release = this.#release(wish);
          const change = this.#change();
          const receipt = await this.#insist((client) => client.apply(specOf(release), change));
          return { wish, receipt, version: release.version, behaviour: wish.behaviour };
        }
        case 'rollback': {
          const change = this.#change();
          return { wish, receipt: await this.#insist((client) => client.rollback(this.service, undefined, change)) };
        }
        default: {
          const by = this.#change();
          return { wish, effect: await this.#insist((client) => client.act(this.service, wish.do, by)) };
        }
      }
    } catch (error) {
      if (error instanceof ApiError && (error.reason === 'REFUSED' || error.reason === 'NOT_FOUND')) {
        return { wish, refused: error.message };
      }
      throw error;
    }
  }

  #release({ behaviour, provider }: Extract<Wish, { do: 'deploy' }>): Release {
    const version = `${this.service.name}-${this.#asked + 1}-${behaviour}`;
    return { service: this.service, version, behaviour, ...(provider ? { provider } : {}) };
  }

  #change() {
    this.#asked += 1;
    return {
      actor: 'chaos',
      reason: `seed ${this.#seed}`,
      requestId: `${this.#seed}-${this.service.name}-${this.#asked}`,
    };
  }

  async #insist<T>(ask: (client: SupplantClient) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await ask(this.#world.client);
      } catch (error) {
        if (!isPassing(error) || performance.now() > deadline) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }
}

/** Nobody answered, or nobody was there to be asked. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError ? error.reason === 'UNAVAILABLE' : (error as Error).message === 'not connected';
}
