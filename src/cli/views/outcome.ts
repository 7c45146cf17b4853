import { describeAim } from '../../domain/rollout/narrate.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { Frame } from './frame.ts';
import { type Line, line, span, wrap } from './text.ts';
import { between } from './time.ts';

/** How a rollout that somebody waited for has ended. */
export function renderOutcome(rollout: RolloutStatus, { width }: Frame, quiet: boolean): Line[] {
  const service = formatServiceId(rollout.service);
  const took = between(rollout.startedAt, rollout.endedAt ?? rollout.startedAt);
  if (rollout.outcome !== 'succeeded') {
    return [
      line(span(`${service}: ${describeAim(rollout)} ${rollout.outcome ?? 'ended'} after ${took}.`, 'bad')),
      // Else the progress has told it.
      ...(quiet && rollout.because !== undefined ? wrap(rollout.because, width).map((text) => line(text)) : []),
      line('Details: ', span(`supplant why ${service} ${rollout.number}`, 'accent')),
    ];
  }
  const { kind, revision } = rollout;
  const done = kind === 'remove' || revision === undefined ? 'is removed' : `${formatRevisionName(revision)} is live`;
  return [line(span(`${service}: ${done}, after ${took}.`, 'good'))];
}
