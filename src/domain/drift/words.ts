import { formatRevisionName } from '../service/revision.ts';
import { formatServiceId } from '../service/service.ts';
import type { DriftFinding } from './finding.ts';
import { type DriftRecord, type DriftTarget, findUnacknowledged } from './record.ts';

/** A sentence names so many resources, and so many properties of each. */
const MOST_NAMED = 5;

/** `p1 (local-process:index:Process) is gone` */
export function describeFinding({ name, type, kind, properties }: Omit<DriftFinding, 'mark'>): string {
  if (kind === 'gone') return `${name} (${type}) is gone`;
  // The engine says of a secret only that it is one.
  return `${name} (${type}) differs in ${properties.length === 0 ? 'what is secret' : listNames(properties)}`;
}

/** The first ones in words, and how many more there are. */
export function describeFindings(findings: readonly DriftFinding[]): string {
  const more = findings.length - MOST_NAMED;
  const named = findings.slice(0, MOST_NAMED).map(describeFinding);
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

/** What to type for it. */
export function formatAcknowledgeCommand({ service, revision }: DriftTarget): string {
  return `supplant drift acknowledge ${formatServiceId(service)} ${formatRevisionName(revision)} --reason TEXT`;
}

/** What is not as it was made, in a sentence; only what nobody has acknowledged. Undefined where there is none. */
export function describeDrift(record: DriftRecord): string | undefined {
  const findings = findUnacknowledged(record);
  if (findings.length === 0) return undefined;
  return `${formatRevisionName(record.revision)} is not as it was made: ${describeFindings(findings)}`;
}

/** Why a stack says nothing. Undefined where the last look has succeeded. */
export function describeTrouble({ revision, trouble }: Pick<DriftRecord, 'revision' | 'trouble'>): string | undefined {
  if (!trouble) return undefined;
  return `${formatRevisionName(revision)} could not be looked at since ${trouble.since}, because ${trouble.because}`;
}

function listNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  if (more > 0) return `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
