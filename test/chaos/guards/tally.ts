import type { GateState } from '../../../src/domain/gates/status.ts';
import type { Evidence } from '../checks/evidence.ts';
import type { Decision } from './approver.ts';
import type { HeardCall } from './receiver.ts';

/** What came of a run's gates and hooks, for the report. */
export interface GuardTally {
  /** How gates ended that were waited for. */
  gates: Partial<Record<GateState, number>>;
  approvals: number;
  rejections: number;
  /** Askings of gates that came. */
  askings: number;
  /** What was told or asked that somebody has heard, and the calls that this took. */
  events: number;
  calls: number;
  /** Contracts of migrations, by how they ended. */
  contracts: Partial<Record<'done' | 'cancelled', number>>;
}

export function tallyGuards(
  { events, contracts }: Pick<Evidence, 'events' | 'contracts'>,
  decisions: readonly Decision[],
  calls: readonly HeardCall[],
): GuardTally {
  const counted = (verb: Decision['verb']): number =>
    decisions.filter((each) => each.verb === verb && each.refused === undefined).length;
  const heard = calls.filter(({ kind }) => kind !== 'gates');
  return {
    gates: countBy(events.filter(({ type }) => type === 'rollout.gate').map(({ data }) => data.state as GateState)),
    approvals: counted('approve'),
    rejections: counted('reject'),
    askings: calls.length - heard.length,
    events: new Set(heard.map(({ id }) => id)).size,
    calls: heard.length,
    contracts: countBy(contracts.flatMap(({ state }) => (state === 'done' || state === 'cancelled' ? [state] : []))),
  };
}

export function countBy<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
