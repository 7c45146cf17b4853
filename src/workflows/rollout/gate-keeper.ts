import type { OpenedRollout } from '../../activities/open.ts';
import type { TakenVerb } from '../../activities/commands.ts';
import { approveGates, findApprovable } from '../../domain/gates/approval.ts';
import {
  type Approval,
  type GatePhase,
  type GateSpec,
  MOST_EXPIRY_MS,
  findGates,
  heedsStops,
} from '../../domain/gates/gate.ts';
import {
  type GateProgress,
  type PointVerdict,
  type StopGate,
  judgeGate,
  judgePoint,
} from '../../domain/gates/progress.ts';
import {
  type BreakGlass,
  type GateState,
  type GateStatus,
  awaitsApproval,
  buildGateStatus,
  buildGateWait,
  describeBreakGlass,
} from '../../domain/gates/status.ts';
import type { ChangeStop } from '../../domain/gates/stop.ts';
import type { RolloutInput } from '../../domain/service/requests.ts';
import type { Progress } from './progress.ts';

/** Of those that it has passed: a fine ramp may have a gate at each of a hundred steps. */
const MOST_PAST = 40;

/** The gates of one rollout: which there are, at which it stands, what people have said of them. */
export class GateKeeper {
  readonly #progress: Progress;
  readonly #requester: string;
  readonly #heedsStops: boolean;
  #specs: readonly GateSpec[] = [];
  #glass: BreakGlass | undefined;
  #here: GateProgress[] = [];
  #past: GateStatus[] = [];
  /** Who has approved at which of them. */
  readonly #approvals = new Map<string, Approval[]>();
  #stop: ChangeStop | undefined;
  #maybeStopped = false;
  #rejection: string | undefined;
  #changes = 0;
  #isAsked = false;
  /** The time by which it judges, in milliseconds since 1970. Where absent, what time it is. */
  #judgedAt: number | undefined;

  constructor(progress: Progress, { kind, actor }: Pick<RolloutInput, 'kind' | 'actor'>) {
    this.#progress = progress;
    this.#requester = actor;
    this.#heedsStops = heedsStops(kind);
  }

  /** What the record says of them when the rollout begins. */
  learn({ gates = [], stop, breakGlass }: Pick<OpenedRollout, 'gates' | 'stop' | 'breakGlass'>): void {
    this.#specs = gates;
    this.#stop = stop;
    if (breakGlass) this.breakGlass(breakGlass);
  }

  /** A stop of changes holds its next move of traffic. */
  get heedsStops(): boolean {
    return this.#heedsStops && this.#glass === undefined;
  }

  get specs(): readonly GateSpec[] {
    return this.#specs;
  }

  /** Rises with whatever people say: who waits judges anew. */
  get changes(): number {
    return this.#changes;
  }

  get glass(): BreakGlass | undefined {
    return this.#glass;
  }

  /**
   * The rollout comes to a point. Returns whether any gates stand there.
   *
   * @param stop what it was held by, where it was
   */
  arrive(before: GatePhase, step?: number, stop: ChangeStop | undefined = this.#stop): boolean {
    const since = now();
    this.#here = findGates(this.#specs, before, step).map((gate) => ({
      gate: placed(gate, step),
      since,
      approvals: [],
    }));
    if (stop || this.#maybeStopped) this.#here.push(buildStop(before, step, stop));
    this.#stop = undefined;
    this.#maybeStopped = false;
    return this.#here.length > 0;
  }

  /** Whoever has approved need not do so again where a step is begun anew. */
  keepApprovals(): void {
    this.#here = this.#here.map((each) => ({ ...each, approvals: this.#approvals.get(keyOf(each.gate)) ?? [] }));
  }

  /** Somebody has set a stop, or lifted one: the record says which. */
  suspectStop(): void {
    if (!this.#heedsStops) return;
    const [first] = this.#here;
    if (!first) {
      this.#maybeStopped = true;
      return;
    }
    const others = this.#here.filter(({ gate }) => gate.kind !== 'change-stop');
    const before = this.#here.find(({ gate }) => gate.kind === 'change-stop');
    const { lookedAt: _old, ...stop } = before ?? buildStop(first.gate.before, placeOf(first.gate.step));
    this.#here = [...others, stop];
    this.#changes += 1;
  }

  /**
   * From now on time goes on for its gates when a timer has fired, or a webhook has answered, and not in between. A replay may have it
   * some milliseconds earlier what time it is; what came before a timer comes before it there, too.
   */
  judgeByTimers(): void {
    this.#judgedAt = Date.parse(this.#here[0]?.since ?? now());
  }

  /** A timer has fired that was to at `time`, in milliseconds since 1970, or a webhook has answered. */
  advance(time = 0): void {
    if (this.#judgedAt !== undefined) this.#judgedAt = Math.max(this.#judgedAt, time, Date.now());
  }

  judge(): PointVerdict {
    return judgePoint(this.#here, this.#time);
  }

  /** What a look has found; an unknown stop is no stop. */
  note(gate: GateProgress, found: Pick<GateProgress, 'window' | 'answer' | 'stop'>): void {
    const { stop: _old, ...known } = gate;
    // Of one that people have said something of meanwhile, that stays.
    this.#here = this.#here.map((each) =>
      each.gate.name === gate.gate.name ? { ...known, approvals: each.approvals, lookedAt: now(), ...found } : each,
    );
  }

  get #time(): number {
    return this.#judgedAt ?? Date.now();
  }

  /** @returns why it does not count, where it does not */
  approve({ actor, reason, standing, claimed }: TakenVerb): string | undefined {
    const by = {
      ...{ actor, ...(standing ?? { roles: [] }) },
      ...(reason === undefined ? {} : { reason }),
      ...(claimed ? { claimed } : {}),
    };
    const found = findApprovable(this.statuses, by, this.#requester);
    if ('refusal' in found) return found.refusal;
    const approval = { actor, at: now(), ...(reason === undefined ? {} : { reason }) };
    this.#here = approveGates(this.#here, found.names, approval);
    this.#changes += 1;
    this.show();
    return undefined;
  }

  /** Somebody has said no. */
  reject(because: string): void {
    this.#rejection = because;
  }

  breakGlass(glass: BreakGlass): void {
    this.#glass ??= glass;
    this.#progress.status.breakGlass = this.#glass;
    this.#changes += 1;
  }

  /** The gates that it has come to, those of this point last. */
  get statuses(): GateStatus[] {
    return [...this.#past, ...this.statusesHere];
  }

  /** Those of this point. */
  get statusesHere(): GateStatus[] {
    return this.#here.map((progress) => buildGateStatus(progress, Date.now(), judgeGate(progress, this.#time)));
  }

  /** Shows where it stands, and what it waits for. */
  show(): void {
    const { statuses } = this;
    if (statuses.length > 0) this.#progress.status.gates = statuses;
    this.#progress.wait(buildGateWait(statuses, this.#progress.status.preview));
    const isAsked = awaitsApproval(statuses);
    if (isAsked === this.#isAsked) return;
    this.#isAsked = isAsked;
    this.#progress.needsHuman(isAsked);
  }

  /** It waits at this point no longer. Returns how the gates stand there, those included that have not opened. */
  leave(): GateStatus[] {
    const left = this.#here.map((progress) => {
      const verdict = judgeGate(progress, this.#time);
      return buildGateStatus(progress, Date.now(), verdict.state === 'waiting' ? this.#end(progress) : verdict);
    });
    for (const { gate, approvals } of this.#here) {
      if (approvals.length > 0) this.#approvals.set(keyOf(gate), approvals);
    }
    this.#past = [...this.#past, ...left].slice(-MOST_PAST);
    this.#here = [];
    this.show();
    return left;
  }

  /** What becomes of a gate that has not opened. */
  #end({ gate }: GateProgress): { state: GateState; because: string } {
    const because = this.#rejection;
    if (because !== undefined && gate.kind === 'approval') return { state: 'refused', because };
    return { state: 'skipped', because: this.#glass ? describeBreakGlass(this.#glass) : 'the rollout is put back' };
  }
}

function now(): string {
  return new Date().toISOString();
}

/** Of a gate before every step: this one. */
function placed<Gate extends GateSpec>(gate: Gate, step: number | undefined): Gate {
  return step === undefined ? gate : { ...gate, step };
}

/** One that stands before each step is a gate of its own at each. */
function keyOf({ name, step }: GateProgress['gate']): string {
  return `${name} ${step ?? ''}`;
}

function placeOf(step: GateSpec['step']): number | undefined {
  return typeof step === 'number' ? step : undefined;
}

function buildStop(before: GatePhase, step: number | undefined, stop?: ChangeStop): GateProgress {
  const gate: StopGate = {
    ...{ kind: 'change-stop', name: 'change-stop', before, expiresAfterMs: MOST_EXPIRY_MS, then: 'rollback' },
    ...(step === undefined ? {} : { step }),
  };
  const since = now();
  return { gate, since, approvals: [], ...(stop ? { stop, lookedAt: since } : {}) };
}
