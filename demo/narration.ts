import { between } from '../src/cli/views/time.ts';
import type { Chapter } from './chapters.ts';
import type { PhaseScene } from './scene.ts';

/** What is new in a chapter since an earlier look, in sentences for where nothing can be drawn. */
export function narrate(kind: Chapter['kind'], before: readonly PhaseScene[], after: readonly PhaseScene[]): string[] {
  const hasFailed = after.some(({ state }) => state === 'failed');
  return after.flatMap((phase) => {
    const known = before.find((one) => one.phase === phase.phase);
    // After a failure, phases are skipped because they are not reached, which goes without saying.
    if (known?.state === phase.state || (hasFailed && phase.state === 'skipped')) return [];
    return sentence(phase, BEGINNINGS[kind][phase.phase]);
  });
}

/** Of the phases that take long enough to wonder. */
const BEGINNINGS: Record<Chapter['kind'], Partial<Record<PhaseScene['phase'], string>>> = {
  rollout: {
    provision: 'a stack of its own is created',
    validate: 'it is checked while nobody uses it yet',
    bake: 'it has traffic and must stay healthy',
    teardown: 'its stack is destroyed',
  },
  experiment: {
    provision: 'two stacks are created beside the live one',
    validate: 'they are checked',
    probe: 'both get the same load',
    destroy: 'both stacks are destroyed',
  },
};

type Phases = ReadonlySet<PhaseScene['phase']>;

/** What goes without saying. */
const SILENT = {
  done: new Set(['plan', 'lease']) as Phases,
  skipped: new Set(['teardown', 'hold']) as Phases,
};

function sentence({ phase, state, startedAt, endedAt, note }: PhaseScene, beginning: string | undefined): string[] {
  const took = startedAt !== undefined && endedAt !== undefined ? ` (${between(startedAt, endedAt)})` : '';
  const what = note === undefined ? '' : `: ${note}`;
  switch (state) {
    case 'pending':
      return [];
    case 'running':
      return beginning === undefined ? [] : [`${phase}: ${beginning}`];
    case 'skipped':
      return note === undefined || SILENT.skipped.has(phase) ? [] : [`${phase} skipped${what}`];
    case 'failed':
      return [`${phase} failed${took}${what}`];
    case 'done':
      return SILENT.done.has(phase) ? [] : [`${phase} done${took}${what}`];
  }
}
