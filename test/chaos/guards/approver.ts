import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../../src/contract/supplant-client.ts';
import { type GateStatus, awaitsApproval } from '../../../src/domain/gates/status.ts';
import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { type ClientSource, insist } from '../insist.ts';
import type { Answer } from '../life.ts';
import type { GatePlan } from './plan.ts';

const LOOK_EVERY_MS = 150;
/** Who waits for a fault to speak in its moment does not wait for ever. */
const NO_FAULT_MS = 4_000;

/** Something that somebody has said of a gate. Times are milliseconds since 1970, by this process's clock. */
export interface Decision {
  rollout: number;
  verb: 'approve' | 'reject';
  /** Of a gate at each step. */
  step?: number;
  /** Before it can have counted. */
  sentAt: number;
  /** Why it did not count, where it did not. */
  refused?: string;
}

type ApprovalPlan = Extract<GatePlan, { kind: 'approval' }>;

/** People who are asked about deployments of one service, and say what the plan has for them. */
export class Approver {
  readonly decisions: Decision[] = [];
  /** Why what somebody said was heard by nobody. */
  readonly faults: string[] = [];
  readonly #from: ClientSource;
  readonly #service: ServiceKey;
  readonly #answers: readonly Answer[];
  readonly #stopping = new AbortController();
  readonly #met = new Set<string>();
  readonly #speaking: Promise<void>[] = [];
  readonly #watching: Promise<void>;
  #strike = Promise.withResolvers<undefined>();

  /** @param answers to what was asked for, as they come in: they say which deployment a rollout is */
  constructor(from: ClientSource, service: ServiceKey, answers: readonly Answer[]) {
    this.#from = from;
    this.#service = service;
    this.#answers = answers;
    this.#watching = this.#watch();
  }

  /** Something breaks in this moment. */
  faultStrikes(): void {
    this.#strike.resolve(undefined);
    this.#strike = Promise.withResolvers();
  }

  async end(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await Promise.all(this.#speaking);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Who hears nothing looks again.
      const status = await this.#look().catch(() => undefined);
      if (status && !status.outcome && awaitsApproval(status.gates)) {
        for (const gate of status.gates ?? []) this.#meet(status.number, gate);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look() {
    return this.#from.client.rollout(this.#service);
  }

  #meet(rollout: number, { kind, state, before, step }: GateStatus): void {
    if (kind !== 'approval' || state !== 'waiting') return;
    const place = `${rollout}:${before}:${step ?? 1}`;
    const plan = findApprovalPlan(this.#answers, rollout);
    if (!plan || plan.fate === 'ignored' || this.#met.has(place)) return;
    this.#met.add(place);
    const speaking = this.#speak(plan, { rollout, ...(step === undefined ? {} : { step }) }, place);
    const noting = speaking.catch((error: unknown) => {
      this.faults.push(String(error));
    });
    this.#speaking.push(noting);
  }

  async #speak(plan: ApprovalPlan, at: Pick<Decision, 'rollout' | 'step'>, place: string): Promise<void> {
    if (plan.withFault) await Promise.race([this.#strike.promise, sleep(NO_FAULT_MS)]);
    else await sleep(plan.delayMs);
    const people = plan.fate === 'rejected' ? ['ann'] : ['ann', 'bob'].slice(0, plan.least);
    for (const actor of people) await this.#say(plan.fate === 'rejected' ? 'reject' : 'approve', { actor, at, place });
  }

  async #say(
    verb: Decision['verb'],
    { actor, at, place }: { actor: string; at: Pick<Decision, 'rollout' | 'step'>; place: string },
  ): Promise<void> {
    const decision: Decision = { ...at, verb, sentAt: Date.now() };
    this.decisions.push(decision);
    const by = {
      rollout: at.rollout,
      actor,
      reason: 'looked at it',
      requestId: `${this.#service.name}:${place}:${actor}`,
    };
    try {
      await insist(this.#from, (client) => client.act(this.#service, verb, by));
    } catch (error) {
      // It does not count, whatever became of it.
      decision.refused = (error as Error).message;
      if (!(error instanceof ApiError) || error.reason !== 'REFUSED') throw error;
    }
  }
}

function findApprovalPlan(answers: readonly Answer[], rollout: number): ApprovalPlan | undefined {
  const asked = answers.find((answer) => 'receipt' in answer && answer.receipt.rollout === rollout);
  const gate = asked?.wish.do === 'deploy' ? asked.wish.guards?.gate : undefined;
  return gate?.kind === 'approval' ? gate : undefined;
}
