import type { PoolRef } from '../pools/pool.ts';
import type { ServiceKey } from '../service/service.ts';
import { type DriftFinding, areSameFindings, identifyFinding } from './finding.ts';

/** A revision whose stack is looked at. */
export interface DriftTarget {
  service: ServiceKey;
  revision: number;
}

/** A stack that is to be looked at, and the pool whose workers can. */
export interface LookTarget extends DriftTarget, PoolRef {}

/** What the last looks at the stack of a revision have found, and what somebody has said of it. */
export interface DriftRecord extends DriftTarget {
  /** One higher with every write; 1 is the first. */
  version: number;
  /** When the stack was looked at last, ISO 8601; absent where that never succeeded. */
  lookedAt?: string;
  /** What is not as it was made, by URN. */
  findings: DriftFinding[];
  /** Since when there is drift, ISO 8601; absent where there is none. */
  since?: string;
  /** Since when the stack cannot be looked at, and why. What was found before that stands. */
  trouble?: LookTrouble;
  acknowledged?: Acknowledgement;
}

export interface LookTrouble {
  /** ISO 8601. */
  since: string;
  because: string;
}

/** Somebody knows of the drift, and says why it may stay. It covers what was seen, and nothing that comes later. */
export interface Acknowledgement {
  by: string;
  /** ISO 8601. */
  at: string;
  reason: string;
  requestId: string;
  /** What it covers, by {@link identifyFinding}. */
  covers: string[];
}

/** What a look means beside the last one. */
export type DriftChange = 'found' | 'changed' | 'gone';

/** The record after a look that has found this, and what that is beside the last one; nothing where it is the same. */
export function noteLook(
  target: DriftTarget,
  before: DriftRecord | undefined,
  findings: readonly DriftFinding[],
  at: string,
): { record: DriftRecord; change?: DriftChange } {
  const found = findings.toSorted((one, other) => (one.urn < other.urn ? -1 : 1));
  const known = before?.findings ?? [];
  const change = compareLooks(known, found);
  const acknowledged = before?.acknowledged && narrow(before.acknowledged, found);
  const record: DriftRecord = {
    service: target.service,
    revision: target.revision,
    version: (before?.version ?? 0) + 1,
    lookedAt: at,
    findings: found,
    ...(found.length === 0 ? {} : { since: before?.since ?? at }),
    ...(acknowledged ? { acknowledged } : {}),
  };
  return { record, ...(change === undefined ? {} : { change }) };
}

/** The record after a look that did not succeed. */
export function noteTrouble(
  target: DriftTarget,
  before: DriftRecord | undefined,
  because: string,
  at: string,
): DriftRecord {
  const known: DriftRecord = before ?? { ...target, version: 0, findings: [] };
  return { ...known, version: known.version + 1, trouble: { since: known.trouble?.since ?? at, because } };
}

/** The record once somebody has said why what it covers may stay. What is gone by now needs no word. */
export function acknowledge({ acknowledged: _before, ...record }: DriftRecord, by: Acknowledgement): DriftRecord {
  const acknowledged = narrow(by, record.findings);
  return { ...record, version: record.version + 1, ...(acknowledged ? { acknowledged } : {}) };
}

/** What nobody has acknowledged. */
export function findUnacknowledged({ findings, acknowledged }: DriftRecord): DriftFinding[] {
  const covered = new Set(acknowledged?.covers);
  return findings.filter((finding) => !covered.has(identifyFinding(finding)));
}

function compareLooks(before: readonly DriftFinding[], now: readonly DriftFinding[]): DriftChange | undefined {
  if (areSameFindings(before, now)) return undefined;
  if (before.length === 0) return 'found';
  return now.length === 0 ? 'gone' : 'changed';
}

/** What is gone is covered no more: where it comes back, that is news. */
function narrow(acknowledged: Acknowledgement, found: readonly DriftFinding[]): Acknowledgement | undefined {
  const present = new Set(found.map(identifyFinding));
  const covers = acknowledged.covers.filter((key) => present.has(key));
  return covers.length === 0 ? undefined : { ...acknowledged, covers };
}
