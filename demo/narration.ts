import { between } from '../src/cli/views/time.ts';
import type { PhaseStatus } from '../src/domain/rollout/status.ts';
import type { Chapter } from './chapters.ts';

/** What is new in a chapter since an earlier look, in sentences for where nothing can be drawn. */
export function narrate(
  kind: Chapter['kind'],
  before: readonly PhaseStatus[],
  after: readonly PhaseStatus[],
): string[] {
  const hasFailed = after.some(({ state }) => state === 'failed');
  return after.flatMap((phase) => {
    const known = before.find((one) => one.phase === phase.phase);
    // After a failure, phases are skipped because they are not reached, which goes without saying.
    if (known?.state === phase.state || (hasFailed && phase.state === 'skipped')) return [];
    return sentence(phase, BEGINNINGS[kind][phase.phase]);
  });
}

/** Of the phases that take long enough to wonder. */
const BEGINNINGS: Record<Chapter['kind'], Partial<Record<PhaseStatus['phase'], string>>> = {
  rollout: {
    provision: 'a stack of its own is created',
    validate: 'it is checked while nobody uses it yet',
    bake: 'it has all traffic and must stay healthy',
    teardown: 'its stack is destroyed',
  },
};

function sentence({ phase, state, startedAt, endedAt, note }: PhaseStatus, beginning: string | undefined): string[] {
  const took = startedAt !== undefined && endedAt !== undefined ? ` (${between(startedAt, endedAt)})` : '';
  const what = note === undefined ? '' : `: ${note}`;
  switch (state) {
    case 'pending':
      return [];
    case 'running':
      return beginning === undefined ? [] : [`${phase}: ${beginning}`];
    case 'skipped':
      return note === undefined || phase === 'teardown' ? [] : [`${phase} skipped${what}`];
    case 'failed':
      return [`${phase} failed${took}${what}`];
    case 'done':
      return phase === 'plan' ? [] : [`${phase} done${took}${what}`];
  }
}
