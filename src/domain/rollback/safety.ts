import { type RevisionRef, formatRevisionName } from '../service/revision.ts';
import { type RollbackSafetyDemand, type ServiceKey, formatServiceId } from '../service/service.ts';
import type { KnownRollback, RollbackSafety } from './verdict.ts';

/**
 * What is known of the way back from a release that takes the place of another one. Undefined where there is none: nothing
 * was before it, or the same.
 *
 * @param known what drills have found out about the release
 */
export function judgeRollback(
  release: string,
  previous: Pick<RevisionRef, 'number' | 'release'> | undefined,
  known: readonly KnownRollback[],
): RollbackSafety | undefined {
  if (!previous || previous.release === release) return undefined;
  const { number: to } = previous;
  const found = known.find((each) => each.to === previous.release);
  if (!found) return { to, verdict: 'not-proven' };
  const { verdict, run, because } = found;
  return { to, verdict, run, ...(because === undefined ? {} : { because }) };
}

/** What of it people are told: nothing where nobody has tried it, nor wants it tried. */
export function pickTold(
  safety: RollbackSafety | undefined,
  demand: RollbackSafetyDemand | undefined,
): RollbackSafety | undefined {
  return safety?.verdict === 'not-proven' && demand !== 'proven' ? undefined : safety;
}

/** `rollback to r4: proven by web-drill/production@3`. */
export function describeRollbackSafety({ to, verdict, run, because }: RollbackSafety): string {
  const what = `rollback to ${formatRevisionName(to)}`;
  if (verdict === 'not-proven') return `${what}: not proven`;
  return `${what}: ${verdict} by ${run ?? 'a drill'}${because === undefined ? '' : ` (${because})`}`;
}

/** The same in words. */
export function describeTold(...known: Parameters<typeof pickTold>): string | undefined {
  const told = pickTold(...known);
  return told && describeRollbackSafety(told);
}

/** Why a release may not be deployed; undefined where it may. */
export function findRollbackObstacle(
  key: ServiceKey,
  label: string,
  safety: RollbackSafety | undefined,
  demand: RollbackSafetyDemand | undefined,
): { message: string; suggestion: string } | undefined {
  if (demand !== 'proven' || !safety || safety.verdict === 'proven') return undefined;
  const { to, verdict, run, because } = safety;
  const name = formatRevisionName(to);
  const found =
    verdict === 'disproven'
      ? `is disproven by ${run ?? 'a drill'}${because === undefined ? '' : `: ${because}`}`
      : 'is not proven';
  return {
    message: `the rollback of ${formatServiceId(key)} from ${label} to ${name} ${found}; its manifest demands rollbackSafety: proven`,
    suggestion: `try it first: supplant drill ${formatServiceId(key)} --artifact ${toTyped(label)}, or supplant drill --file with its manifest`,
  };
}

/** A folder is named without its digest, which is worked out anew; of a long artifact, the label has not all. */
function toTyped(label: string): string {
  return label.includes('…') ? 'ARTIFACT' : label.replace(/#sha256:[0-9a-f]+$/, '');
}
