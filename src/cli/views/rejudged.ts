import type { Verdict } from '../../domain/evidence/checks.ts';
import type { Frame } from './frame.ts';
import { renderVerdicts } from './rollout.ts';
import { type Line, line, span } from './text.ts';
import { clock } from './time.ts';

/** One step of a rollout, judged once more. */
export interface RejudgedStep {
  step: number;
  /** ISO 8601. */
  from: string;
  to: string;
  /** By the rules that the rollout had. */
  before: Verdict[];
  /** By other rules; null where there are none. */
  now: Verdict[] | null;
}

/** `web/production#12, step 1, 10:00 to 10:10`, and what each set of rules says of it. */
export function renderRejudged(rollout: string, steps: readonly RejudgedStep[], frame: Frame): Line[] {
  return steps.flatMap(({ step, from, to, before, now }) => [
    line(
      span(`${rollout}, step ${step}`, 'strong'),
      span(`  ${clock(from, frame.now)} to ${clock(to, frame.now)}`, 'faint'),
    ),
    line('  by the rules that it had'),
    ...renderVerdicts(before, frame, '  '),
    ...(now === null
      ? [line('  by the rules of now: there is no strategy.analysis')]
      : [line('  by the rules of now'), ...renderVerdicts(now, frame, '  ')]),
  ]);
}
