import { computeBackoffMs } from '../backoff.ts';
import {
  formatStackId,
  isSameStack,
  type FoundFact,
  type ReaperNote,
  type ReaperPolicy,
  type StackName,
  type World,
} from './facts.ts';
import type { LeaseFact, NoteFact, Reason } from './facts.ts';
import type { Finding } from './finding.ts';
import { type Judgement, judgeStack } from './judge.ts';

/** What becomes of a stack, and what is done about it now. */
export interface Decision extends Finding {
  /** `teardown`: the workflow that takes a revision down is begun again. */
  act?: 'reap' | 'teardown';
  /** What is to be remembered of it; nothing where it has an owner. */
  note?: ReaperNote;
}

/**
 * What becomes of every stack that is there or was noted, by project and name. Nothing is destroyed that was not reported at an
 * earlier look, unless somebody has asked for that; nothing is decided where a fact is missing.
 */
export function decideReaping(world: World, now: Date, policy: ReaperPolicy): Decision[] {
  const decisions = namesOf(world).flatMap((id) => decideOne(id, world, now, policy) ?? []);
  return holdBack(decisions, world, policy);
}

/** Those that are due later than others wait where too many would be destroyed at once. */
function holdBack(decisions: Decision[], { notes }: World, { atOnce }: ReaperPolicy): Decision[] {
  const underWay = notes.filter(({ reaping }) => reaping === 'running').length;
  const due = decisions.filter(({ act }) => act !== undefined);
  const inOrder = due.toSorted((a, b) => compareTexts(a.note?.foundAt ?? '', b.note?.foundAt ?? ''));
  const waiting = new Set(inOrder.slice(Math.max(0, atOnce - underWay)));
  return decisions.map((decision) => {
    if (!waiting.has(decision)) return decision;
    const { act: _later, ...rest } = decision;
    const before = notes.find((note) => isSameStack(note, decision));
    return { ...rest, attempts: before?.attempts ?? 0, note: before ? plain(before) : untried(decision) };
  });
}

function untried({ note, project, stack }: Decision): ReaperNote {
  if (!note) throw new Error(`${project}/${stack} has no note`);
  const { triedAt: _tried, dueAt: _due, ...rest } = note;
  return { ...rest, attempts: 0 };
}

function namesOf({ found, leases, revisions, notes }: World): StackName[] {
  const all = [...found, ...leases, ...revisions, ...notes].map(({ project, stack }) => ({ project, stack }));
  const once = [...new Map(all.map((id) => [formatStackId(id), id])).values()];
  return once.sort((a, b) => compareTexts(a.project, b.project) || compareTexts(a.stack, b.stack));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function decideOne(id: StackName, world: World, now: Date, policy: ReaperPolicy): Decision | undefined {
  const isIt = (each: StackName): boolean => isSameStack(each, id);
  const note = world.notes.find(isIt);
  const lease = world.leases.find(isIt);
  const found = world.found.find(isIt);
  const facts = { found, lease, revision: world.revisions.find(isIt), recordMissing: world.missing.record };
  const judged = judgeStack(id, facts, now);
  switch (judged.is) {
    case 'owned':
      return toFinding(id, 'owned', judged);
    case 'unclear':
      return stay(id, judged, note);
    case 'foreign':
      return { ...toFinding(id, 'given-up', judged), suggestion: suggestForeign(id) };
    case 'absent': {
      const unseen = note && findUnseen(note, world.missing);
      return unseen === undefined ? undefined : stay(id, { ...judged, because: unseen }, note);
    }
    case 'ownerless':
      return condemn({ id, judged, note, lease, found }, now, policy);
  }
}

/** Why nobody can say that a stack is not there. One whose host is not noted may be on any. */
function findUnseen({ reach, host }: NoteFact, { machine, shared, hosts = {} }: World['missing']): string | undefined {
  if (reach === 'shared') return shared;
  const ofHosts = host === undefined ? Object.values(hosts)[0] : hosts[host];
  return ofHosts ?? machine;
}

/** Nothing is decided; what was noted is remembered. */
function stay(id: StackName, judged: Pick<Judgement, 'owner' | 'because'>, note: NoteFact | undefined): Decision {
  const finding = toFinding(id, 'owned', { ...judged, because: `it stays for now: ${judged.because}` });
  return { ...finding, attempts: note?.attempts ?? 0, ...(note ? { note: plain(note) } : {}) };
}

interface Condemned {
  id: StackName;
  judged: Extract<Judgement, { is: 'ownerless' }>;
  note: NoteFact | undefined;
  lease: LeaseFact | undefined;
  found: FoundFact | undefined;
}

function condemn(condemned: Condemned, now: Date, policy: ReaperPolicy): Decision {
  const { id, judged, lease, found } = condemned;
  const at = now.toISOString();
  const { reason } = judged;
  const before = isReaped(condemned.note) || continues(condemned.note, reason) ? condemned.note : undefined;
  // A clock that was set back must not make it wait for longer.
  const foundAt = before && before.foundAt < at ? before.foundAt : at;
  const reach = found?.reach ?? condemned.note?.reach ?? 'machine';
  const host = found ? found.host : condemned.note?.host;
  const note: ReaperNote = {
    ...(before ? { ...withoutHost(before), reason, foundAt } : { ...id, reason, reach, foundAt, attempts: 0 }),
    ...(host === undefined ? {} : { host }),
  };
  const finding = { ...toFinding(id, 'condemned', judged), foundAt, ...tried(note) };
  if (isReaped(condemned.note)) return { ...finding, verdict: 'reaping', note };
  if (note.attempts >= policy.attempts && !policy.skipGrace)
    return giveUp(finding, { ...note, givenUpAt: note.givenUpAt ?? at });
  const dueMs = policy.skipGrace ? now.getTime() : dueTime(note, lease, policy);
  const verdict = note.attempts > 0 ? 'reaping' : 'condemned';
  const isReported = before !== undefined || policy.skipGrace;
  if (!isReported || dueMs > now.getTime()) {
    return { ...finding, verdict, dueAt: new Date(dueMs).toISOString(), note };
  }
  return begin(finding, note, now, policy);
}

function begin(finding: Finding, note: ReaperNote, now: Date, policy: ReaperPolicy): Decision {
  const attempts = note.attempts + 1;
  const act = note.reason === 'teardown' ? 'teardown' : 'reap';
  // A reap that fails notes when it is tried again. One of which there is neither that nor a workflow never began.
  const pause = act === 'reap' ? 0 : computeBackoffMs(attempts, policy.retryMs, policy.longestRetryMs);
  const dueAt = new Date(now.getTime() + pause).toISOString();
  return {
    ...finding,
    verdict: 'reaping',
    attempts,
    act,
    note: { ...note, attempts, triedAt: now.toISOString(), dueAt },
  };
}

/** Whether a workflow destroys it, or may. */
function isReaped(note: NoteFact | undefined): boolean {
  return note?.triedAt !== undefined && note.reaping !== 'gone';
}

/** A lease whose workflow is gone is over some time: that is no other matter. */
function continues(note: ReaperNote | undefined, reason: Reason): boolean {
  const before = note?.reason;
  const isLease = (each: Reason | undefined): boolean => each === 'lease-owner' || each === 'lease-over';
  return before === reason || (isLease(before) && isLease(reason));
}

function dueTime(note: ReaperNote, lease: LeaseFact | undefined, policy: ReaperPolicy): number {
  if (note.attempts > 0 && note.dueAt !== undefined) return Date.parse(note.dueAt);
  const found = Date.parse(note.foundAt);
  const afterLease = lease ? Date.parse(lease.deadlineAt) + policy.leaseGraceMs : Number.POSITIVE_INFINITY;
  switch (note.reason) {
    case 'unknown':
      return found + policy.graceMs;
    case 'teardown':
      return found + policy.confirmMs;
    case 'lease-owner':
      return Math.min(found + policy.confirmMs, afterLease);
    case 'lease-over':
      return lease?.owner === 'gone' ? Math.min(found + policy.confirmMs, afterLease) : afterLease;
  }
}

function giveUp(finding: Finding, note: ReaperNote): Decision {
  const suggestion =
    'look into the last error; once what keeps it is out of the way, have it tried again: supplant reaper run --skip-grace';
  return { ...finding, verdict: 'given-up', suggestion, note };
}

function suggestForeign({ project, stack }: StackName): string {
  return `find out who has made ${stack} of ${project}; what is tagged so is not touched from here`;
}

function toFinding(
  { project, stack }: StackName,
  verdict: Finding['verdict'],
  { owner, because }: Pick<Judgement, 'owner' | 'because'>,
): Finding {
  return { project, stack, verdict, ...(owner === undefined ? {} : { owner }), because, attempts: 0 };
}

function tried({ attempts, lastError }: ReaperNote): Pick<Finding, 'attempts' | 'lastError'> {
  return { attempts, ...(lastError === undefined ? {} : { lastError }) };
}

/** It is noted where it is now. */
function withoutHost({ host: _before, ...note }: NoteFact): ReaperNote {
  return plain(note);
}

function plain({ reaping: _reaping, ...note }: NoteFact): ReaperNote {
  return note;
}
