import { randomUUID } from 'node:crypto';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { Receipt, Request } from '../../../src/domain/service/requests.ts';
import { Requests } from '../../../src/gateway/backend/requests.ts';
import { Rollouts } from '../../../src/gateway/backend/rollouts.ts';
import { ServedPools } from '../../../src/gateway/backend/served-pools.ts';
import { Services } from '../../../src/gateway/backend/services.ts';
import type { Bench } from '../bench.ts';
import type { VerbAsked } from './automaton.ts';
import type { Answer } from './witness.ts';

/** Each may take ten seconds and more on a machine that is busy with other things. */
const MOST_TRIES = 20;

/** What came of a request to a service. */
export type RequestAnswer = Answer & { receipt?: Receipt };

/** Nobody answered: it may have been taken, or be taken yet. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** One who asks, by way of a gateway's backend of its own. */
export class TestClient {
  readonly #bench: Bench;
  readonly #actor: string;
  readonly #requests: Requests;
  readonly #rollouts: Rollouts;

  constructor(bench: Bench, actor: string) {
    const { activities, env, taskQueue } = bench;
    const store = async () => activities.store;
    this.#bench = bench;
    this.#actor = actor;
    this.#requests = new Requests(env.client, { commands: async () => activities.store.catalogue.commands, taskQueue });
    const parts = { services: new Services(store), requests: this.#requests, pools: new ServedPools(store) };
    this.#rollouts = new Rollouts(env.client, store, parts);
  }

  async act(rollout: number, { verb, full }: VerbAsked, requestId: string = randomUUID()): Promise<Answer> {
    const by = { actor: this.#actor, reason: 'told so', requestId };
    return answerOf(async () => ({
      text: await this.#rollouts.act(this.#bench.service, verb, { rollout, ...by, ...(full ? { full: true } : {}) }),
    }));
  }

  ask(request: Request, requestId: string = randomUUID()): Promise<RequestAnswer> {
    const change = { actor: this.#actor, reason: 'told so', requestId };
    return answerOf(async () => {
      const receipt = await this.#requests.send<Receipt>(this.#bench.service, request, change);
      return { text: JSON.stringify(receipt), receipt };
    });
  }
}

/** Asks the same thing until it is answered: what a request id was given for is done once. */
export async function insist(ask: () => Promise<RequestAnswer>): Promise<RequestAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnansweredError) || tries === MOST_TRIES) throw error;
    }
  }
}

/** A refusal is an answer; whatever else goes wrong is none. */
async function answerOf<T extends { text: string }>(ask: () => Promise<T>): Promise<(T & { isTaken: true }) | Answer> {
  try {
    return { isTaken: true, ...(await ask()) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason === 'UNAVAILABLE') throw new UnansweredError(error.message, { cause: error });
    if (error.reason === 'INTERNAL' || error.message.trim() === '') throw error;
    return { isTaken: false, text: `${error.message}${error.suggestion === undefined ? '' : `; ${error.suggestion}`}` };
  }
}
