import { formatDuration } from '../duration.ts';
import { formatRevisionName } from '../service/revision.ts';
import type { RollbackWindow, ServiceSettings } from '../service/service.ts';

/*
 * The rollback window is how far, and for how long, a service goes back at once: all traffic in one write, to a stack that
 * is warm and passes its checks once more. Beyond it going back is a rollout like any other, with all its steps.
 */

/** What a revision that is gone back to is judged by. */
export interface Return {
  revision: number;
  /** Revisions that were live before the live one, latest first. */
  formerly: readonly number[];
  /** When it lost its traffic, ISO 8601. Of a warm revision. */
  since: string;
  now: Date;
}

/** How a service goes back to a warm revision. */
export interface WayBack {
  isAtOnce: boolean;
  /** In words: `r4 lost its traffic 3h ago, and the rollback window is 1h`. */
  because: string;
}

/**
 * Whether a service goes back to a warm revision at once.
 *
 * @param window of the service's description; where it has none, whatever is warm is gone back to at once
 */
export function judgeReturn(window: RollbackWindow | undefined, { revision, ...facts }: Return): WayBack {
  const name = formatRevisionName(revision);
  if (!window) return { isAtOnce: true, because: `${name} is warm` };
  const beyond = findBeyond(window, { revision, ...facts });
  if (beyond !== undefined) return { isAtOnce: false, because: `${name} ${beyond}` };
  return { isAtOnce: true, because: `${name} is warm and within the rollback window` };
}

/** Why a revision is beyond the window; undefined where it is not. The end of its time counts as beyond. */
function findBeyond(
  { revisions, durationMs }: RollbackWindow,
  { revision, formerly, since, now }: Return,
): string | undefined {
  const place = formerly.indexOf(revision) + 1;
  if (place === 0) return 'was not live before what is live now, so no rollback window holds it';
  if (revisions !== undefined && place > revisions) {
    return `is ${place} revisions back, and the rollback window is ${revisions}`;
  }
  const agoMs = now.getTime() - Date.parse(since);
  if (durationMs === undefined || agoMs < durationMs) return undefined;
  return `lost its traffic ${inSeconds(agoMs)} ago, and the rollback window is ${formatDuration(durationMs)}`;
}

function inSeconds(milliseconds: number): string {
  return formatDuration(Math.floor(milliseconds / 1_000) * 1_000);
}

/** `3 revisions, 24h`. */
export function describeWindow(window: RollbackWindow | undefined): string {
  if (!window) return 'whatever is warm';
  const { revisions, durationMs } = window;
  const far = revisions === undefined ? [] : [`${revisions} revision${revisions === 1 ? '' : 's'}`];
  return [...far, ...(durationMs === undefined ? [] : [formatDuration(durationMs)])].join(', ');
}

/** The window of a service: where its description has none, what retention keeps warm is all that can be gone back to at once. */
export function readWindow({
  rollbackWindow,
  retention,
}: Pick<ServiceSettings, 'rollbackWindow' | 'retention'>): RollbackWindow {
  return rollbackWindow ?? { revisions: retention.warm, durationMs: retention.warmForMs };
}
