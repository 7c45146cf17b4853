import { computeBackoffMs } from '../backoff.ts';
import type { RolloutKind } from '../rollout/rollout.ts';
import type { HookAnswer } from '../hooks/answer.ts';
import { computeNextCallMs } from '../hooks/pace.ts';
import { type RevisionState, formatRevisionName } from '../service/revision.ts';
import type { RevisionSet } from '../service/revision-set.ts';
import { type ServiceKey, formatServiceId } from '../service/service.ts';
import type { ContractPlan } from './migration.ts';

/**
 * - `waiting`: somebody may still go back to a revision from before.
 * - `begun`: it is being called; from here on nobody goes back that far.
 */
export type ContractState = 'waiting' | 'begun' | 'done' | 'cancelled';

/** The contract of a revision, as it is recorded. */
export interface ContractRecord extends ContractPlan {
  revision: number;
  /** That made it live. */
  rollout: number;
  /** When the revision became live, ISO 8601. */
  liveSince: string;
  state: ContractState;
  /** When it entered its state, ISO 8601. */
  since: string;
  calls: number;
  /** What it said last. */
  reason?: string;
}

/** As much of one that waits, or has begun, as a service's workflow carries. */
export interface PendingContract extends Pick<
  ContractRecord,
  'revision' | 'rollout' | 'liveSince' | 'afterMs' | 'timeoutMs' | 'since' | 'calls'
> {
  state: 'waiting' | 'begun';
  /** When it is called again, ISO 8601; of one that waits, when it is looked at again. Absent where that was never put off. */
  nextCallAt?: string;
}

export function toPending(record: ContractRecord): PendingContract | undefined {
  const { revision, rollout, liveSince, afterMs, timeoutMs, state, since, calls } = record;
  if (state !== 'waiting' && state !== 'begun') return undefined;
  return { revision, rollout, liveSince, afterMs, timeoutMs, state, since, calls };
}

/** So many are carried; of more the newest wait for their turn in the record. */
export const MOST_PENDING = 20;

/** What of a service decides when a contract may begin. */
export interface ContractFacts {
  contracts?: readonly PendingContract[];
  revisionSet: RevisionSet;
  /** Stacks that are being taken down. */
  departing: readonly { revision: number; copyOf?: number }[];
  queue: readonly { kind: RolloutKind }[];
  running?: { kind: RolloutKind };
}

/** Revisions that may still run, and work with what is to be taken away. */
function hasDependants(revision: number, { revisionSet, departing }: ContractFacts): boolean {
  const standing = [
    ...revisionSet.warm.map((warm) => warm.revision.number),
    // A baseline has a number after its candidate's, and runs the release before it.
    ...departing.map(({ revision: number, copyOf = number }) => copyOf),
  ];
  return standing.some((number) => number < revision);
}

/** As much of a recorded revision as tells whether it may still run. */
interface RecordedStack {
  number: number;
  state: RevisionState;
  endpoints: readonly unknown[];
  copyOf?: number;
}

/**
 * Revisions that may still run what is from before a contract, by the record: that knows of teardowns that no workflow of the
 * service has heard of. One that is being destroyed has its endpoints until it is gone.
 */
export function listDependants(
  revision: number,
  revisions: readonly RecordedStack[],
  quarantine: readonly { revision: number }[],
): number[] {
  const stuck = new Set(quarantine.map((stack) => stack.revision));
  const mayRun = ({ number, state, endpoints }: RecordedStack): boolean =>
    (state !== 'retired' && state !== 'failed') || endpoints.length > 0 || stuck.has(number);
  return revisions
    .filter((each) => (each.copyOf ?? each.number) < revision && mayRun(each))
    .map(({ number }) => number)
    .toSorted((one, other) => one - other);
}

/** Between two looks at what a contract waits for, in milliseconds: the longer it has taken, the less the next seconds matter. */
export function computeContractLookMs({ liveSince, afterMs }: PendingContract, now: Date): number {
  const lateMs = now.getTime() - Date.parse(findTimeUp({ liveSince, afterMs }));
  return Math.min(LONGEST_MS, Math.max(SOONEST_LOOK_MS, lateMs / 4));
}

/** When nobody is held back any more by time alone, ISO 8601. */
export function findTimeUp({ liveSince, afterMs }: Pick<PendingContract, 'liveSince' | 'afterMs'>): string {
  return new Date(Date.parse(liveSince) + afterMs).toISOString();
}

/** The contract to call now. One after the other, the oldest first: each takes for granted that those before it are done. */
export function findDueContract(facts: ContractFacts, now: Date): PendingContract | undefined {
  const wake = findContractWake(facts);
  return wake !== undefined && Date.parse(wake) <= now.getTime() ? facts.contracts?.[0] : undefined;
}

/** When a contract is to be looked at, ISO 8601; undefined where something else than time has to happen first. */
export function findContractWake(facts: ContractFacts): string | undefined {
  const { contracts: [first] = [], queue, running } = facts;
  if (!first) return undefined;
  if (first.state === 'begun') return first.nextCallAt ?? first.since;
  // A rollback that was accepted leads to where it was promised to.
  const isLeft = [...queue, ...(running ? [running] : [])].some(({ kind }) => kind !== 'deploy');
  if (isLeft || hasDependants(first.revision, facts)) return undefined;
  return [findTimeUp(first), first.nextCallAt ?? ''].toSorted().at(-1);
}

/** Between two calls of a contract that has failed, in milliseconds: somebody has to look into it, and may take hours. */
const [FIRST_MS, LONGEST_MS] = [60_000, 3_600_000];
/** Teardowns take seconds where nothing is in the way. */
const SOONEST_LOOK_MS = 2_000;
const NO_LIMIT_MS = 365 * 24 * 3_600_000;

/** When one that has not succeeded is called again, in milliseconds from now. */
export function computeContractPauseMs(answer: HookAnswer, calls: number, begunForMs: number): number {
  if (answer.status === 'failed') return computeBackoffMs(calls, FIRST_MS, LONGEST_MS);
  return computeNextCallMs(begunForMs, NO_LIMIT_MS, answer.retryAfterMs) ?? LONGEST_MS;
}

/** The `webhook-id`: the same for all calls until it is done. */
export function formatContractId(service: ServiceKey, revision: number): string {
  return `${formatServiceId(service)}:contract:${formatRevisionName(revision)}`;
}

export function buildContractBody(
  service: ServiceKey,
  { revision, rollout }: Pick<ContractRecord, 'revision' | 'rollout'>,
  attempt: number,
  at: string,
): object {
  const { name, environment } = service;
  const data = { service: name, environment, revision: formatRevisionName(revision), rollout, attempt };
  return { type: 'service.contract', timestamp: at, data };
}

/** Why nobody goes back to a revision from before a contract. */
export function describeContracted(target: number, contractedBy: number): string {
  return `${formatRevisionName(target)} is from before the contract of ${formatRevisionName(contractedBy)}, which has begun: what it works with may be gone`;
}

/** A contract as people see it. */
export interface ContractStatus extends Pick<ContractRecord, 'revision' | 'state' | 'since' | 'calls' | 'reason'> {
  /** When it is due at the earliest, ISO 8601; absent once it has begun. */
  dueAt?: string;
  /** Revisions that have to go before: those kept warm, copies of theirs, and those whose stack does not go. */
  waitsFor?: number[];
}

/** How those stand that are not over. */
export function buildContractStatuses(
  records: readonly ContractRecord[],
  revisions: readonly { number: number; state: string; warmUntil?: string; copyOf?: number }[],
  quarantine: readonly { revision: number }[] = [],
): ContractStatus[] {
  return records.flatMap((record): ContractStatus[] => {
    const { revision, state, since, calls, reason } = record;
    if (state !== 'waiting' && state !== 'begun') return [];
    const told = { revision, state, since, calls, ...(reason === undefined ? {} : { reason }) };
    if (state === 'begun') return [told];
    const isBefore = ({ number, state, copyOf = number }: (typeof revisions)[number]): boolean =>
      (state === 'warm' || copyOf !== number) && copyOf < revision;
    const before = revisions.filter(isBefore);
    const times = [findTimeUp(record), ...before.flatMap(({ warmUntil }) => warmUntil ?? [])];
    const stuck = quarantine.filter((stack) => stack.revision < revision);
    const waitsFor = [...before.map(({ number }) => number), ...stuck.map((stack) => stack.revision)];
    const dueAt = times.toSorted().at(-1) ?? since;
    return [{ ...told, dueAt, ...(waitsFor.length === 0 ? {} : { waitsFor }) }];
  });
}

/** `contract of r5 waits for r4 to go, and is due at … at the earliest`. */
export function describeContract(
  { revision, state, since, calls, reason, dueAt, waitsFor = [] }: ContractStatus,
  moment: (at: string) => string,
): string {
  const what = `contract of ${formatRevisionName(revision)}`;
  if (state === 'waiting') {
    const due = `due ${moment(dueAt ?? since)}`;
    return waitsFor.length === 0
      ? `${what} is ${due}`
      : `${what} waits for ${waitsFor.map(formatRevisionName).join(', ')} to go, and is ${due} at the earliest`;
  }
  const said = reason === undefined ? '' : `: ${reason}`;
  return `${what} has begun ${moment(since)}, called ${calls} time${calls === 1 ? '' : 's'}${said}`;
}
