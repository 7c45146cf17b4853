import {
  type CommandRef,
  type PutBackReport,
  type RolloutInput,
  type RolloutRef,
  type TeardownInput,
  type TeardownNotice,
  workflowIds,
} from './requests.ts';
import { type Step, findPlanFaults } from '../rollout/plan.ts';
import { isHostId } from '../hosts/host.ts';
import { isPoolName } from '../pools/pool.ts';
import { findEndpointFaults } from './revision.ts';
import { NAME, type ServiceKey, type ServiceSettings } from './service.ts';
import { LIMITS, type ServiceState } from './state.ts';
import { findCohortFaults } from '../traffic/cohort.ts';
import { isLook } from '../reaper/ids.ts';
import type { RevisionSet, ActiveRevision } from './revision-set.ts';

/*
 * Anyone who reaches Temporal can send a workflow anything. So whatever comes from there is looked at before it is used: each
 * of these returns undefined for what is not of the shape. That something has the right shape does not make it true: what
 * is commanded or reported is looked up in the record.
 */

type Shape = Record<string, unknown>;

const isShape = (value: unknown): value is Shape =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= most;
const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
const isCount = (value: unknown): value is number => value === 0 || isNumber(value);
const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isAbsentOr = (value: unknown, is: (value: unknown) => boolean): boolean => value === undefined || is(value);

export function readServiceKey(value: unknown): ServiceKey | undefined {
  if (!isShape(value)) return undefined;
  const { name, environment } = value;
  const are = typeof name === 'string' && NAME.test(name) && typeof environment === 'string' && NAME.test(environment);
  return are ? { name, environment } : undefined;
}

export function readCommandRef(value: unknown): CommandRef | undefined {
  if (!isShape(value) || !isText(value.command, 200) || !isAbsentOr(value.expiresAt, isTime)) return undefined;
  return value as unknown as CommandRef;
}

export function readTeardownNotice(value: unknown): TeardownNotice | undefined {
  if (!isShape(value)) return undefined;
  const { revision, rollout } = value;
  return isNumber(revision) && isCount(rollout) ? { revision, rollout } : undefined;
}

export function readPutBackReport(value: unknown): PutBackReport | undefined {
  if (!isShape(value)) return undefined;
  const { rollout, stage } = value;
  return isNumber(rollout) && (stage === 'asked' || stage === 'begun') ? { rollout, stage } : undefined;
}

/** The number of the rollout by which another one is superseded. */
export function readSuperseding(value: unknown): number | undefined {
  return isNumber(value) ? value : undefined;
}

const KINDS: readonly unknown[] = ['deploy', 'rollback', 'remove'];

export function readRolloutInput(value: unknown): RolloutInput | undefined {
  if (!isShape(value)) return undefined;
  const { v, service, number, kind, actor, settings, plan, revision, baseline, revisionSet, pinned, inSteps } = value;
  const isInput =
    v === 2 &&
    readServiceKey(service) !== undefined &&
    isNumber(number) &&
    KINDS.includes(kind) &&
    isText(actor, LIMITS.actor) &&
    isSettings(settings) &&
    isPlan(plan) &&
    isAbsentOr(revision, isRevisionRef) &&
    isAbsentOr(baseline, isRevisionRef) &&
    isRevisionSet(revisionSet) &&
    isAbsentOr(pinned, isNumbers) &&
    isAbsentOr(inSteps, (text) => isText(text, 200));
  return isInput ? (value as unknown as RolloutInput) : undefined;
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isNumber);
}

function isSettings(value: unknown): value is ServiceSettings {
  if (!isShape(value)) return false;
  const { router, strategy, retention } = value;
  return (
    isRouter(router) &&
    isShape(strategy) &&
    areJudges(strategy) &&
    isAbsentOr(strategy.cohort, isCohortRule) &&
    isAbsentOr(strategy.preview, isPreviewAddress) &&
    isShape(retention) &&
    isCount(retention.warm) &&
    isCount(retention.warmForMs)
  );
}

/** Which kinds there are is not looked at: its worker may know more of them than this one. */
function isRouter(value: unknown): boolean {
  return isShape(value) && isText(value.kind, 40);
}

function isFailureLimit(value: unknown): boolean {
  return isShape(value) && isCount(value.restarts) && ['number', 'string'].includes(typeof value.unansweredRequests);
}

function areAlarms(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => isText(name, 255));
}

/** What each kind has beside that is its provider's to read. */
function areMetrics(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((each) => isShape(each) && isText(each.kind, 40) && isText(each.name, 40) && isCount(each.leastSamples))
  );
}

function isCohortRule(value: unknown): boolean {
  const isPair = (pair: unknown): boolean => isShape(pair) && isText(pair.name, 64) && isText(pair.value, 128);
  if (!isShape(value) || !isAbsentOr(value.header, isPair) || !isAbsentOr(value.cookie, isPair)) return false;
  return findCohortFaults(value).length === 0;
}

function isPreviewAddress(value: unknown): boolean {
  return isShape(value) && isAbsentOr(value.port, isNumber);
}

function isAnalysis(value: unknown): boolean {
  return isShape(value) && isCount(value.leastRequests) && isShape(value.budgets) && isAbsentOr(value.compare, isShape);
}

function areJudges({ failureLimit, alarms, metrics, analysis }: Shape): boolean {
  return (
    isAbsentOr(failureLimit, isFailureLimit) &&
    isAbsentOr(alarms, areAlarms) &&
    isAbsentOr(metrics, areMetrics) &&
    isAbsentOr(analysis, isAnalysis)
  );
}

function isPlan(value: unknown): value is Step[] {
  if (!Array.isArray(value) || !value.every(isShape)) return false;
  const haveDemands = value.every(({ requests }) => isAbsentOr(requests, isShape));
  return haveDemands && findPlanFaults(value as unknown as Step[]).length === 0;
}

function isRevisionRef(value: unknown): boolean {
  if (!isShape(value)) return false;
  const { number, release, label, pool } = value;
  return isNumber(number) && isText(release, 100) && typeof label === 'string' && isAbsentOr(pool, isPoolName);
}

function isRevisionSet(value: unknown): value is RevisionSet {
  return (
    isShape(value) && isAbsentOr(value.live, isStanding) && Array.isArray(value.warm) && value.warm.every(isStanding)
  );
}

function isStanding(value: unknown): value is ActiveRevision {
  if (!isShape(value)) return false;
  const { revision, endpoints, since, warmUntil } = value;
  return (
    isRevisionRef(revision) &&
    Array.isArray(endpoints) &&
    endpoints.every((each) => findEndpointFaults(each).length === 0) &&
    isTime(since) &&
    isAbsentOr(warmUntil, isTime)
  );
}

export function readTeardownInput(value: unknown): TeardownInput | undefined {
  if (!isShape(value)) return undefined;
  const { v, ref, revision, becomes, because, router, route, attempts, since, lastError, retryMs } = value;
  const { again, host, pool } = value;
  const isInput =
    v === 2 &&
    isRolloutRef(ref) &&
    isNumber(revision) &&
    (becomes === 'retired' || becomes === 'failed') &&
    typeof because === 'string' &&
    isAbsentOr(router, isRouter) &&
    isAbsentOr(route, (each) => isShape(each) && isCount(each.generation) && Array.isArray(each.targets)) &&
    isCount(attempts) &&
    isTime(since) &&
    isAbsentOr(lastError, (text) => typeof text === 'string') &&
    isNumber(retryMs) &&
    isAbsentOr(again, (flag) => flag === true) &&
    isAbsentOr(host, isHostId) &&
    isAbsentOr(pool, isPoolName);
  return isInput ? (value as unknown as TeardownInput) : undefined;
}

function isRolloutRef(value: unknown): value is RolloutRef {
  if (!isShape(value)) return false;
  return readServiceKey(value.service) !== undefined && isCount(value.number) && isText(value.actor, LIMITS.actor);
}

/** How a workflow was begun, as Temporal knows it and nobody who starts one can say. */
export interface Start {
  workflowId: string;
  /** The workflow that started it, if one did. */
  parentId?: string;
  /** It goes on from an earlier run of its own. */
  isContinued: boolean;
}

/** What a service's workflow begins with: the service alone, but for one that goes on in a new run. */
export function readServiceStart(
  value: unknown,
  { workflowId, parentId, isContinued }: Start,
): { key: ServiceKey } | ServiceState | undefined {
  if (!isShape(value) || parentId !== undefined) return undefined;
  const key = readServiceKey(value.key);
  if (!key || workflowIds.service(key) !== workflowId) return undefined;
  if (!('v' in value)) return { key };
  return isContinued && value.v === 2 ? (value as unknown as ServiceState) : undefined;
}

/** Started by its service's workflow, as all are. */
export function isRolloutStart({ service, number }: RolloutInput, { workflowId, parentId }: Start): boolean {
  return workflowId === workflowIds.rollout(service, number) && parentId === workflowIds.service(service);
}

/** Started by its service's workflow, by one of its rollouts, or again by a look of the reaper. */
export function isTeardownStart(
  { ref, revision, again }: TeardownInput,
  { workflowId, parentId = '', isContinued }: Start,
): boolean {
  const { service, number } = ref;
  const parents = [workflowIds.service(service), workflowIds.rollout(service, number)];
  const isByOne = again ? isLook(parentId) || isContinued : parents.includes(parentId);
  return workflowId === workflowIds.teardown(service, revision) && isByOne;
}
