import { ApiError } from '../../../contract/supplant-client.ts';
import { type ExperimentKey, formatExperimentId } from '../../../domain/experiment/experiment.ts';
import type { ExperimentLimits } from '../../../domain/experiment/faults.ts';
import { type RunRef, formatRunName } from '../../../domain/experiment/run.ts';
import { computeFingerprint } from '../../../domain/fingerprint.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { RequestMeta } from '../../../domain/service/requests.ts';
import { LIMITS } from '../../../domain/service/state.ts';
import { AuditConflictError, type AuditEvent } from '../../../store/audit/store.ts';
import type { Store } from '../../../store/store.ts';
import type { LookAtRelease } from './releases.ts';
import type { ExperimentTemporal } from './temporal.ts';

/** Of what stands behind a gateway, what a change needs. */
export interface ChangeParts {
  store: Store;
  temporal: ExperimentTemporal;
  limits: ExperimentLimits;
  /** Absent where nobody can be asked. */
  look?: LookAtRelease;
}

/** What a change is answered: what it does, and the number of the run that it has begun. */
export interface ChangeAnswer {
  effect: string;
  run?: number;
  /** Of a preview: it is as was asked for already. */
  unchanged?: boolean;
  /** Of a preview: its port. */
  port?: number;
}

/** A change that may be made. */
export interface Decided {
  /** What it does now, in words: the same for a dry run. */
  effect: string;
  unchanged?: boolean;
  port?: number;
  /**
   * Makes it: recorded, then brought about. It may be repeated, since a gateway may die before the answer is recorded.
   * `remark` is what the one who asked should know beyond the effect.
   */
  carryOut: () => Promise<{ run?: number; remark?: string | undefined }>;
}

/** What was asked for; another one under the same request id is a conflict. */
export interface Asked {
  kind: 'apply' | 'delete' | 'run' | 'pause' | 'resume' | 'backfill' | 'extend' | 'stop' | 'open' | 'close';
  [detail: string]: unknown;
}

/**
 * Makes a change once, however often it is asked for under its request id: a repeat gets the first answer. A dry run is
 * answered as the request itself would be, and writes nothing.
 *
 * @throws ApiError CONFLICT where the request id was used for something else
 */
export async function makeChange(
  { experiments: { changes } }: Store,
  key: ExperimentKey,
  asked: Asked,
  change: RequestMeta,
  decide: () => Promise<Decided>,
): Promise<ChangeAnswer> {
  refuseLongActor(change.actor);
  const { requestId } = change;
  const fingerprint = computeFingerprint(asked);
  const earlier = await changes.recall(key, requestId);
  if (earlier && earlier.fingerprint !== fingerprint) throw usedBefore(requestId);
  if (earlier) return JSON.parse(earlier.answer) as ChangeAnswer;
  const { carryOut, ...decided } = await decide();
  if (change.dryRun) return decided;
  const { remark, ...more } = await carryOut();
  const answer = JSON.stringify({ ...decided, ...more } satisfies ChangeAnswer);
  const kept = await changes.remember(key, { requestId, fingerprint, at: new Date().toISOString(), answer });
  if (kept.fingerprint !== fingerprint) throw usedBefore(requestId);
  const first = JSON.parse(kept.answer) as ChangeAnswer;
  return remark === undefined ? first : { ...first, effect: `${first.effect}. ${remark}` };
}

/** What a change leaves in the audit log. */
export interface ChangeEvent {
  type: string;
  experiment: ExperimentKey;
  run?: RunRef;
  /** Of the request alone, so that a repeat says the same. */
  data?: JsonObject;
}

/**
 * Records a change before its effect. A repeat finds its own line.
 *
 * @throws ApiError CONFLICT where the request id was used for something else
 */
export async function recordChange(
  { audit }: Store,
  { type, experiment, run, data = {} }: ChangeEvent,
  { actor, reason, requestId }: RequestMeta,
): Promise<AuditEvent> {
  const subject = formatExperimentId(experiment);
  const rollout = run ? formatRunName(run) : undefined;
  try {
    return await audit.append({
      key: `${rollout ?? subject}/${type}/${requestId}`,
      ...{ type, subject, actor, data },
      ...(rollout === undefined ? {} : { rollout }),
      ...(reason === undefined ? {} : { reason }),
    });
  } catch (error) {
    if (error instanceof AuditConflictError) throw usedBefore(requestId, error);
    throw error;
  }
}

function usedBefore(requestId: string, cause?: unknown): ApiError {
  const suggestion = 'use a new request id for a new request';
  return new ApiError('CONFLICT', `request id ${requestId} was used before with other content`, { suggestion, cause });
}

function refuseLongActor(actor: string): void {
  const bytes = Buffer.byteLength(actor);
  if (bytes <= LIMITS.actor) return;
  const why = `the name of who asks has ${bytes} bytes; at most ${LIMITS.actor} can be kept`;
  throw new ApiError('INVALID', why, { faults: [{ path: 'actor', message: why }] });
}
