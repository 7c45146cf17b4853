import type { ServiceKey, DriftPolicy } from '../service/service.ts';
import type { RevisionState } from '../service/revision.ts';
import { type DriftFinding, identifyFinding } from './finding.ts';
import type { Acknowledgement, DriftRecord, DriftTarget, LookTrouble } from './record.ts';
import { type DriftState, classifyDrift } from './state.ts';

/** How the stack of a revision stands by the last look at it, for people. */
export interface DriftView extends DriftTarget {
  /** It has the traffic; warm otherwise. */
  isLive: boolean;
  state: DriftState;
  /** Whether drift that nobody has acknowledged keeps rollouts of the service from shifting traffic. */
  blocks: boolean;
  findings: DriftFindingView[];
  /** Since when there is drift, ISO 8601. */
  since?: string;
  /** When the stack was looked at last with success, ISO 8601. */
  lookedAt?: string;
  trouble?: LookTrouble;
  acknowledged?: Pick<Acknowledgement, 'by' | 'at' | 'reason'>;
}

export type DriftFindingView = Omit<DriftFinding, 'mark'> & { isAcknowledged: boolean };

/** What drift there is. */
export interface DriftReport {
  /** By service and revision. */
  stacks: DriftView[];
  /** What keeps stacks from being looked at by themselves, in words. */
  trouble?: string;
}

interface Standing {
  service: ServiceKey;
  revisions: readonly { number: number; state: RevisionState }[];
  policy: DriftPolicy;
}

/** Of each live or warm revision of a service, also of those that were not looked at yet. */
export function buildDriftViews(
  { service, revisions, policy }: Standing,
  records: readonly DriftRecord[],
): DriftView[] {
  return revisions
    .filter(({ state }) => state === 'live' || state === 'warm')
    .toSorted((one, other) => one.number - other.number)
    .map(({ number, state }) => {
      const record = records.find(({ revision }) => revision === number);
      const place = { service, revision: number, isLive: state === 'live', blocks: policy === 'block' };
      return { ...place, ...readRecord(record) };
    });
}

function readRecord(record: DriftRecord | undefined): Omit<DriftView, 'service' | 'revision' | 'isLive' | 'blocks'> {
  const state = classifyDrift(record);
  if (!record) return { state, findings: [] };
  const { findings, since, lookedAt, trouble, acknowledged } = record;
  const covered = new Set(acknowledged?.covers);
  return {
    state,
    findings: findings.map(({ mark, ...finding }) => ({
      ...finding,
      isAcknowledged: covered.has(identifyFinding({ ...finding, mark })),
    })),
    ...(since === undefined ? {} : { since }),
    ...(lookedAt === undefined ? {} : { lookedAt }),
    ...(trouble ? { trouble } : {}),
    ...(acknowledged
      ? { acknowledged: { by: acknowledged.by, at: acknowledged.at, reason: acknowledged.reason } }
      : {}),
  };
}
