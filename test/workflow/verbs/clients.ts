import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import type { Receipt, Request, RequestMeta } from '../../../src/domain/service/requests.ts';
import { Requests } from '../../../src/gateway/backend/requests.ts';
import { ChangeStops } from '../../../src/gateway/backend/change-stops.ts';
import { Rollouts } from '../../../src/gateway/backend/rollouts.ts';
import { ServedPools } from '../../../src/gateway/backend/served-pools.ts';
import { Services } from '../../../src/gateway/backend/services.ts';
import type { Bench } from '../bench.ts';
import type { VerbAsked } from './automaton.ts';
import { APPROVERS, type Person } from './gate-rules.ts';
import type { Answer } from './witness.ts';

/** How long it is insisted, and how long between two tries: some are refused at once, while a worker is behind with its work. */
const INSIST_MS = 300_000;
const ASK_AGAIN_MS = 500;

/** A server in memory that has no processor to itself forgets for a moment that it has a namespace. */
const SERVER_FAULT = /^Namespace \S+ is not found/;

/** What came of a request to a service. */
export type RequestAnswer = Answer & { receipt?: Receipt };

/** Nobody answered: it may have been taken, or be taken yet. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** One who asks, by way of a gateway's backend of its own. */
export class TestClient {
  readonly #bench: Bench;
  readonly #actor: Person;
  readonly #requests: Requests;
  readonly #rollouts: Rollouts;
  readonly #stops: ChangeStops;

  constructor(bench: Bench, actor: Person) {
    const { activities, env, taskQueue } = bench;
    const store = async () => activities.store;
    this.#bench = bench;
    this.#actor = actor;
    this.#requests = new Requests(env.client, { commands: async () => activities.store.catalogue.commands, taskQueue });
    const parts = { services: new Services(store), requests: this.#requests, pools: new ServedPools(store) };
    this.#rollouts = new Rollouts(env.client, store, parts);
    this.#stops = new ChangeStops(env.client, store);
  }

  get actor(): Person {
    return this.#actor;
  }

  /** @param asked of an approval, who gives it: this client speaks for anybody */
  async act(rollout: number, asked: VerbAsked, requestId: string = randomUUID()): Promise<Answer> {
    const { verb, full, breakGlass, by: actor = this.#actor } = asked;
    const roles = APPROVERS.includes(actor) ? (['approver'] as const) : [];
    const how = {
      ...{ rollout, actor, reason: 'told so', requestId },
      ...(full ? { full: true as const } : {}),
      ...(breakGlass ? { breakGlass: true as const } : {}),
      ...(verb === 'approve' ? { standing: { roles: [...roles] } } : {}),
    };
    return answerOf(async () => ({ text: await this.#rollouts.act(this.#bench.service, verb, how) }));
  }

  /** @param more `breakGlass`: what follows waits for no gate */
  ask(
    request: Request,
    requestId: string = randomUUID(),
    more: Pick<RequestMeta, 'breakGlass'> = {},
  ): Promise<RequestAnswer> {
    const change = { actor: this.#actor, reason: 'told so', requestId, ...more };
    return answerOf(async () => {
      const receipt = await this.#requests.send<Receipt>(this.#bench.service, request, change);
      return { text: JSON.stringify(receipt), receipt };
    });
  }

  /** Stops all changes, or ends that. */
  async stop(does: 'set' | 'lift'): Promise<Answer> {
    const { environment } = this.#bench.service;
    const change = { actor: this.#actor, reason: 'told so', requestId: randomUUID() };
    return answerOf(async () => ({ text: await this.#stops[does]({ environment }, change) }));
  }
}

/** Asks the same thing until it is answered: what a request id was given for is done once. */
export async function insist(ask: () => Promise<RequestAnswer>): Promise<RequestAnswer> {
  const until = Date.now() + INSIST_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnansweredError) || Date.now() > until) throw error;
      await sleep(ASK_AGAIN_MS);
    }
  }
}

/** A refusal is an answer; whatever else goes wrong is none. */
async function answerOf<T extends { text: string }>(ask: () => Promise<T>): Promise<(T & { isTaken: true }) | Answer> {
  try {
    return { isTaken: true, ...(await ask()) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.reason === 'UNAVAILABLE' || SERVER_FAULT.test(error.message))
      throw new UnansweredError(error.message, { cause: error });
    if (error.reason === 'INTERNAL' || error.message.trim() === '') throw error;
    return { isTaken: false, text: `${error.message}${error.suggestion === undefined ? '' : `; ${error.suggestion}`}` };
  }
}
