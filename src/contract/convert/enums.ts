import type { PhaseState } from '../../domain/rollout/status.ts';
import type { ActivityState } from '../../domain/rollout/pending-activity.ts';
import type { RevisionState as RevisionWord } from '../../domain/service/revision.ts';
import type { Phase as PhaseWord, RolloutKind, RolloutOutcome } from '../../domain/rollout/rollout.ts';
import type { HttpMethod, Verdict } from '../../domain/evidence/checks.ts';
import { Audience, Phase, RollbackVerdict, Verdict_Result } from '../gen/supplant/v1/common_pb.ts';
import {
  PhaseStatus_State,
  Rollout_Kind,
  Rollout_State,
  PendingActivity_State,
} from '../gen/supplant/v1/rollouts_pb.ts';
import type { Audience as AudienceWord } from '../../domain/rollout/plan.ts';
import type { InspectionEnd } from '../../domain/service/strategy.ts';
import type { RollbackVerdict as RollbackVerdictWord } from '../../domain/rollback/verdict.ts';
import type {
  ConcurrencyPolicy as PolicyWord,
  DriftPolicy as DriftPolicyWord,
  FreezeSpec,
  RollbackSafetyDemand as RollbackSafetyDemandWord,
} from '../../domain/service/service.ts';
import type { BaselineKind as BaselineWord } from '../../domain/evidence/judge/analysis-spec.ts';
import type { HookFailurePolicy as HookFailureWord } from '../../domain/hooks/hook.ts';
import type { WarningKind } from '../../domain/service/warning.ts';
import {
  AnalysisComparison_Baseline,
  ConcurrencyPolicy,
  DriftPolicy,
  HookFailurePolicy,
  HttpCheck_Method,
  Inspection_Then,
  RevisionState,
  FreezeEnding,
  RollbackSafetyDemand,
  Warning_Kind,
} from '../gen/supplant/v1/services_pb.ts';

/** The domain's words and the contract's numbers for the same things. */
export class Words<Word extends string, Value extends number> {
  readonly #numbers: Record<Word, Value>;
  readonly #words: Map<number, Word>;

  constructor(numbers: Record<Word, Value>) {
    this.#numbers = numbers;
    const entries = Object.entries(numbers) as [Word, Value][];
    this.#words = new Map(entries.map(([word, number]) => [number, word]));
  }

  number(word: Word): Value {
    return this.#numbers[word];
  }

  /** Undefined for what is no word of these. */
  numberOf(word: string): Value | undefined {
    return Object.hasOwn(this.#numbers, word) ? this.#numbers[word as Word] : undefined;
  }

  /** Undefined for UNSPECIFIED, and for what a newer gateway knows. */
  word(number: number): Word | undefined {
    return this.#words.get(number);
  }
}

export const phases = new Words<PhaseWord, Phase>({
  plan: Phase.PLAN,
  provision: Phase.PROVISION,
  validate: Phase.VALIDATE,
  shift: Phase.SHIFT,
  bake: Phase.BAKE,
  settle: Phase.SETTLE,
  teardown: Phase.TEARDOWN,
});

export const phaseStates = new Words<PhaseState, PhaseStatus_State>({
  pending: PhaseStatus_State.PENDING,
  running: PhaseStatus_State.RUNNING,
  done: PhaseStatus_State.DONE,
  failed: PhaseStatus_State.FAILED,
  skipped: PhaseStatus_State.SKIPPED,
});

export const audiences = new Words<AudienceWord, Audience>({
  cohort: Audience.COHORT,
  inspection: Audience.INSPECTION,
});

export const inspectionEnds = new Words<InspectionEnd, Inspection_Then>({
  promote: Inspection_Then.PROMOTE,
  abort: Inspection_Then.ABORT,
});

export const activityStates = new Words<ActivityState, PendingActivity_State>({
  waiting: PendingActivity_State.WAITING,
  running: PendingActivity_State.RUNNING,
  retrying: PendingActivity_State.RETRYING,
  paused: PendingActivity_State.PAUSED,
});

export const rollbackDemands = new Words<RollbackSafetyDemandWord, RollbackSafetyDemand>({
  none: RollbackSafetyDemand.NONE,
  proven: RollbackSafetyDemand.PROVEN,
});

export const freezeEndings = new Words<FreezeSpec['then'], FreezeEnding>({
  abort: FreezeEnding.ABORT,
  promote: FreezeEnding.PROMOTE,
});

export const rollbackVerdicts = new Words<RollbackVerdictWord, RollbackVerdict>({
  proven: RollbackVerdict.PROVEN,
  disproven: RollbackVerdict.DISPROVEN,
});

export const policies = new Words<PolicyWord, ConcurrencyPolicy>({
  queue: ConcurrencyPolicy.QUEUE,
  'supersede-queued': ConcurrencyPolicy.SUPERSEDE_QUEUED,
  'supersede-running': ConcurrencyPolicy.SUPERSEDE_RUNNING,
  reject: ConcurrencyPolicy.REJECT,
});

export const driftPolicies = new Words<DriftPolicyWord, DriftPolicy>({
  report: DriftPolicy.REPORT,
  block: DriftPolicy.BLOCK,
});

export const baselines = new Words<BaselineWord, AnalysisComparison_Baseline>({
  live: AnalysisComparison_Baseline.LIVE,
  fresh: AnalysisComparison_Baseline.FRESH,
});

export const hookFailures = new Words<HookFailureWord, HookFailurePolicy>({
  rollback: HookFailurePolicy.ROLLBACK,
  ignore: HookFailurePolicy.IGNORE,
});

export const methods = new Words<HttpMethod, HttpCheck_Method>({
  GET: HttpCheck_Method.GET,
  HEAD: HttpCheck_Method.HEAD,
  POST: HttpCheck_Method.POST,
  PUT: HttpCheck_Method.PUT,
  PATCH: HttpCheck_Method.PATCH,
  DELETE: HttpCheck_Method.DELETE,
  OPTIONS: HttpCheck_Method.OPTIONS,
});

export const kinds = new Words<RolloutKind, Rollout_Kind>({
  deploy: Rollout_Kind.DEPLOY,
  rollback: Rollout_Kind.ROLLBACK,
  remove: Rollout_Kind.REMOVE,
});

export const outcomes = new Words<RolloutOutcome, Rollout_State>({
  succeeded: Rollout_State.SUCCEEDED,
  failed: Rollout_State.FAILED,
  'rolled-back': Rollout_State.ROLLED_BACK,
  aborted: Rollout_State.ABORTED,
});

export const results = new Words<Verdict['verdict'], Verdict_Result>({
  pass: Verdict_Result.PASS,
  fail: Verdict_Result.FAIL,
  inconclusive: Verdict_Result.INCONCLUSIVE,
});

export const revisionStates = new Words<RevisionWord, RevisionState>({
  provisioning: RevisionState.PROVISIONING,
  ready: RevisionState.READY,
  live: RevisionState.LIVE,
  warm: RevisionState.WARM,
  retired: RevisionState.RETIRED,
  failed: RevisionState.FAILED,
});

export const warningKinds = new Words<WarningKind, Warning_Kind>({
  unreachable: Warning_Kind.UNREACHABLE,
  degraded: Warning_Kind.DEGRADED,
  'no-route': Warning_Kind.NO_ROUTE,
  port: Warning_Kind.PORT,
  'route-changed': Warning_Kind.ROUTE_CHANGED,
  drift: Warning_Kind.DRIFT,
  hold: Warning_Kind.HOLD,
});
