import type { Standing } from '../gates/approval.ts';
import type { PlanOutline } from '../rollout/exposure.ts';
import type { Step } from '../rollout/plan.ts';
import type { RevisionRef } from './revision.ts';
import type { Hold } from '../rollback/hold.ts';
import type { WayBack } from '../rollback/window.ts';
import type { RollbackSafety } from '../rollback/verdict.ts';
import type { Route } from '../traffic/route.ts';
import type { RolloutKind } from '../rollout/rollout.ts';
import type { RouterSpec, ServiceKey, ServiceSettings, ServiceSpec } from './service.ts';
import type { SpecRef } from './service.ts';
import type { SettingChange } from './setting-change.ts';
import type { RevisionSet } from './revision-set.ts';
import type { RolloutStatus } from '../rollout/status.ts';
import type { RolloutVerb } from '../rollout/verbs.ts';

/** Who asks for a change, why, and the id under which asking again is a repeat. */
export interface RequestMeta {
  actor: string;
  reason?: string;
  requestId: string;
  /** The rollout that follows passes all gates, and any stop of changes: of a caller who may do so. */
  breakGlass?: true;
  /** Only answered, as it would be for real; nothing is started, and nothing is recorded. */
  dryRun?: boolean;
  /** Of a release: to be deployed although it is on hold. */
  again?: true;
  /**
   * Not to be begun after this, ISO 8601 on Temporal's clock. The caller has been told by then that nothing was started, so nothing may
   * start when a worker finds the request later.
   */
  expiresAt?: string;
}

/** What is asked of a service. */
export type Request =
  | { kind: 'apply'; spec: ServiceSpec }
  | { kind: 'deploy'; artifact: string }
  | { kind: 'rollback'; to?: number }
  /** A fresh revision of the live one's release. */
  | { kind: 'restart' }
  | { kind: 'remove' };

/** What is asked of a service without a rollout following from it. */
export type ServiceCommand =
  /** Takes a rollout out of the queue. */
  | { kind: 'drop'; rollout: number }
  /** Keeps a warm revision whatever retention says, until it is unpinned. */
  | { kind: 'pin'; revision: number }
  | { kind: 'unpin'; revision: number }
  /** No rollback goes there any more. */
  | { kind: 'mark-bad'; revision: number };

/** What is asked of one rollout. */
export interface VerbRequest {
  kind: 'verb';
  verb: RolloutVerb;
  rollout: number;
  /** Of promote: all traffic at once, whatever steps are left. */
  full?: true;
  /** Of promote: all gates are passed. Recorded of those alone who may. */
  breakGlass?: true;
  /** Of abort: what watches the service demands it, as its messages are signed. Absent of what people ask. */
  demanded?: true;
  /** Of approve: who the caller is to the service. */
  standing?: Standing;
}

/**
 * What a gateway was asked for, as it records it before it asks Temporal. Only what is recorded is carried out, so
 * that reaching Temporal is not enough to command anything, and histories stay small whatever users send.
 */
export interface Command {
  /** Of this one sending; the request id is in `change`. */
  id: string;
  service: ServiceKey;
  asked: Request | ServiceCommand | VerbRequest;
  change: RequestMeta;
  /** ISO 8601, on Temporal's clock as far as the gateway knows it. */
  at: string;
}

/** Names a command; the argument of all updates, of services and of rollouts. */
export interface CommandRef {
  command: string;
  /** As recorded, where it counts: here it only spares late ones the look. ISO 8601. */
  expiresAt?: string;
}

/** What is asked of a service, by reference: as its workflow gets it to decide on. */
export type Asked =
  | {
      kind: 'apply' | 'deploy';
      /** Of the revision that would be made. */
      release: string;
      label: string;
      /** The pool of the revision; absent of the default one. */
      pool?: string;
      /** The service as it would be described from then on. */
      spec: SpecRef;
      /** The digest of the description that a `deploy` was worked out from; absent where there was none. */
      basis?: string;
    }
  | { kind: 'rollback'; to?: number }
  | { kind: 'restart' }
  | { kind: 'remove' };

/** What a caller gets for a request: which rollout will carry it out. */
export interface Receipt {
  service: ServiceKey;
  rollout: number;
  revision?: number;
  /** Nothing differs from what is live: no rollout was needed. */
  unchanged: boolean;
  /** Rollouts that run or wait before this one, and go to their own end. */
  queuedBehind: number;
  /** The running rollout, which is put back at its next safe point for this one. */
  ends?: number;
  /** Rollouts that waited, and leave the queue for this one. */
  drops?: number[];
  /** What changed without needing a rollout, where something did. */
  settings?: SettingChange[];
  /** How traffic will move, and what that comes to; absent where it moves at once to what is warm, or to nothing. */
  plan?: PlanOutline;
  /** What is known of the way back, where somebody has tried it or the service demands that. */
  rollback?: RollbackSafety;
  /** How a rollback gets to where it leads, where the service has a rollback window. */
  way?: WayBack;
  /** Where the new revision is made; absent of the default pool, and where none is made. */
  pool?: string;
  /**
   * What keeps it from being carried out now, in sentences without a full stop. Found out when it is answered, and no part of
   * what is recorded.
   */
  warnings?: string[];
}

/** Names a rollout wherever it leaves a trace: activities, audit events, the catalogue. */
export interface RolloutRef {
  service: ServiceKey;
  number: number;
  actor: string;
}

/** `web/production#12`. */
export function formatRolloutName(ref: { service: ServiceKey; number: number }): string {
  return `${ref.service.name}/${ref.service.environment}#${ref.number}`;
}

/**
 * One rollout; the rollout workflow's argument. What it was asked for with is recorded under its number. `v` is the
 * shape's version.
 */
export interface RolloutInput {
  v: 2;
  service: ServiceKey;
  number: number;
  kind: RolloutKind;
  actor: string;
  settings: ServiceSettings;
  /** How traffic moves to it. Fixed when it begins: what is applied meanwhile counts for the next one. */
  plan: Step[];
  /** The revision to make live; absent for `remove`, and for a rollback that finds nothing to go back to. */
  revision?: RevisionRef;
  /** A fresh copy of what is live, to compare the revision with; absent where it is compared with what is live itself. */
  baseline?: RevisionRef;
  revisionSet: RevisionSet;
  /** Revisions that retention does not count. */
  pinned?: number[];
  /** Of a rollback to a warm revision that takes all steps nevertheless: why it does. */
  inSteps?: string;
  /** There are contracts that wait: where it leads further back, they are called off. */
  hasContracts?: true;
}

/** What a rollout leaves behind; the rollout workflow's result. */
export interface RolloutResult {
  status: RolloutStatus;
  revisionSet: RevisionSet;
  /** What its release is to blame for: its revision is bad, and the release on hold where it is not live. */
  blame?: Hold;
  /** The baseline that it has left to a teardown. */
  dismissed?: DismissedBaseline;
}

/** A baseline on its way out, and the revision whose release it runs. */
export interface DismissedBaseline {
  revision: number;
  copyOf: number;
}

/** The result of a workflow that nobody who may has started: nothing was done, and that is recorded. */
export interface RefusedStart {
  refused: string;
}

/** A stack to take down, however long that takes; the teardown workflow's argument. */
export interface TeardownInput {
  v: 2;
  /** The rollout it follows from, for the audit log. */
  ref: RolloutRef;
  revision: number;
  becomes: 'retired' | 'failed';
  /** Why it has to go, for people: `retention is over`. */
  because: string;
  /** The service's route without it, written first; a newer route wins. */
  route?: Route;
  /** Where it may have requests in flight; {@link DEFAULT_ROUTER} unless told. */
  router?: RouterSpec;
  attempts: number;
  since: string;
  lastError?: string;
  /** First pause between attempts, in milliseconds; doubles up to 64 times this. */
  retryMs: number;
  /**
   * The reaper has begun it again. Its service need not know of that, so whether the revision is used again is looked up
   * whenever the stack is about to be destroyed.
   */
  again?: true;
  /** Where the reaper has found it, in an installation of several hosts. */
  host?: string;
  /** Of the revision; absent of the default one. */
  pool?: string;
}

/** How far a rollout is on its way back. `asked`: it is put back unless it is live by then. `begun`: it is put back. */
export type PutBackStage = 'asked' | 'begun';

/** What a rollout tells its service before it puts anything back. */
export interface PutBackReport {
  rollout: number;
  stage: PutBackStage;
}

/** What a teardown tells its service: that there is news of it in the record. */
export interface TeardownNotice {
  revision: number;
  /** The rollout that it follows from. */
  rollout: number;
}

/** How a teardown stands. */
export interface TeardownReport {
  revision: number;
  /** Of a baseline: the revision whose release it runs. */
  copyOf?: number;
  stack: string;
  gone: boolean;
  since: string;
  attempts: number;
  nextAttemptAt?: string;
  lastError?: string;
}

/** Workflow ids; what people see in the Temporal UI's list. */
export const workflowIds = {
  service: (service: ServiceKey): string => `service/${service.name}/${service.environment}`,
  rollout: (service: ServiceKey, number: number): string => `rollout/${service.name}/${service.environment}/${number}`,
  teardown: (service: ServiceKey, revision: number): string =>
    `teardown/${service.name}/${service.environment}/r${revision}`,
};

/** The type of the failure of a verb that came while its rollout made a step: it is to be asked again. */
export const BUSY = 'Busy';

/** How late a worker may begin a request, so that its answer still comes in time, in milliseconds. */
export const BEGIN_MS = 8_000;
