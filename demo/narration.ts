import { between } from '../src/cli/views/time.ts';
import type { PhaseStatus, RolloutStatus } from '../src/domain/rollout/status.ts';

/** What is new in a rollout since an earlier look, in sentences for where nothing can be drawn. */
export function narrate(before: RolloutStatus | undefined, after: RolloutStatus): string[] {
  const hasFailed = after.phases.some(({ state }) => state === 'failed');
  return after.phases.flatMap((phase) => {
    const known = before?.phases.find((one) => one.phase === phase.phase);
    // After a failure, phases are skipped because they are not reached, which goes without saying.
    if (known?.state === phase.state || (hasFailed && phase.state === 'skipped')) return [];
    return sentence(phase);
  });
}

const BEGINNINGS: Partial<Record<PhaseStatus['phase'], string>> = {
  provision: 'a stack of its own is created',
  validate: 'it is checked while nobody uses it yet',
  bake: 'it has all traffic and must stay healthy',
  teardown: 'its stack is destroyed',
};

function sentence({ phase, state, startedAt, endedAt, note }: PhaseStatus): string[] {
  const took = startedAt !== undefined && endedAt !== undefined ? ` (${between(startedAt, endedAt)})` : '';
  const what = note === undefined ? '' : `: ${note}`;
  switch (state) {
    case 'pending':
      return [];
    case 'running':
      return BEGINNINGS[phase] === undefined ? [] : [`${phase}: ${BEGINNINGS[phase]}`];
    case 'skipped':
      return note === undefined || phase === 'teardown' ? [] : [`${phase} skipped${what}`];
    case 'failed':
      return [`${phase} failed${took}${what}`];
    case 'done':
      return phase === 'plan' ? [] : [`${phase} done${took}${what}`];
  }
}
