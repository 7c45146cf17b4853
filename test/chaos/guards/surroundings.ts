import type { ServiceKey, ServiceSpec } from '../../../src/domain/service/service.ts';
import { contractFindings, unfinishedFindings } from '../checks/contracts.ts';
import type { Evidence } from '../checks/evidence.ts';
import { gateFindings } from '../checks/gates.ts';
import { hookFindings } from '../checks/hooks.ts';
import { type Finding, findings } from '../findings.ts';
import type { ClientSource } from '../insist.ts';
import type { Life } from '../life.ts';
import type { Release } from '../program.ts';
import type { Traffic } from '../traffic.ts';
import { Approver } from './approver.ts';
import type { GuardedRun } from './plan.ts';
import { Receiver, findStaleCalls } from './receiver.ts';
import { describeGuarded } from './spec.ts';
import { type GuardTally, tallyGuards } from './tally.ts';

/** Those outside of one run whom its gates and hooks have to do with: people who approve, and programs that are called. */
export class Surroundings implements AsyncDisposable {
  readonly #guarded: GuardedRun;
  readonly receiver: Receiver;
  #approver: Approver | undefined;

  private constructor(guarded: GuardedRun, receiver: Receiver) {
    this.#guarded = guarded;
    this.receiver = receiver;
  }

  static async of(guarded: GuardedRun | undefined): Promise<Surroundings | undefined> {
    return guarded && new Surroundings(guarded, await Receiver.start());
  }

  /** What a deployment's description has of them. */
  describe({ guards }: Release): Partial<ServiceSpec> {
    return guards ? describeGuarded(this.#guarded, guards, this.receiver.place) : {};
  }

  /** Somebody looks after the service's approvals from here on. */
  attend(from: ClientSource, service: ServiceKey, life: Life): void {
    this.#approver = new Approver(from, service, life.answers);
  }

  faultStrikes(): void {
    this.#approver?.faultStrikes();
  }

  get decisions(): Approver['decisions'] {
    return this.#approver?.decisions ?? [];
  }

  /** What is wrong by the record and by what they have seen themselves. */
  judge(evidence: Evidence, life: Life, { firstAnswers }: Traffic): Finding[] {
    const { calls } = this.receiver;
    const heard = { answers: life.answers, decisions: this.decisions, calls, firstAnswers };
    return [...gateFindings(evidence, heard), ...hookFindings(evidence, heard), ...contractFindings(evidence, calls)];
  }

  /** The same, with what has to come about by itself. */
  judgeSettled(evidence: Evidence, life: Life, traffic: Traffic): Finding[] {
    return [...this.judge(evidence, life, traffic), ...unfinishedFindings(evidence)];
  }

  /** @param hasOwnClock the senders' clocks may have been set */
  judgeCalls(hasOwnClock: boolean): Finding[] {
    const stale = hasOwnClock ? [] : findStaleCalls(this.receiver.calls);
    const unheard = findings('lost', this.#approver?.faults ?? []);
    return [...unheard, ...findings('wrong', [...this.receiver.faults, ...stale])];
  }

  tally(evidence: Evidence): GuardTally {
    return tallyGuards(evidence, this.decisions, this.receiver.calls);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#approver?.end().catch(() => undefined);
    await this.receiver[Symbol.asyncDispose]();
  }
}
