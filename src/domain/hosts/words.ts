import type { Wait, WaitFacts } from '../rollout/rollout.ts';
import type { HostStanding } from './host.ts';

/** `host a-1f2e, last seen at 2026-…`: what somebody waits for who waits for it. */
export function describeHost({ host, state, lastSeenAt }: HostStanding): string {
  if (state === 'live') return `host ${host}, which is live and has not begun`;
  return `host ${host}, ${lastSeenAt === undefined ? 'never seen yet' : `last seen at ${lastSeenAt}`}`;
}

/** What ends the wait for a host that does not come back. */
export function suggestForgetting(host: string): string {
  return `supplant hosts forget ${host} --reason WHY`;
}

/** Why a stack is not destroyed yet, in one line that fits where errors are shown. */
export function describeHostWait(standing: HostStanding): string {
  const end = standing.state === 'live' ? LATE : `${suggestForgetting(standing.host)} ends the wait`;
  return `waits for ${describeHost(standing)}; ${end}`;
}

/** Why a host that is live may not begin with something. */
const LATE = 'all its places are taken, or its workers are of another version';

/** Why something could not be done at once. */
export function describeAbsence(standing: HostStanding): string {
  const { host, state } = standing;
  return state === 'live'
    ? `no worker of host ${host} began with it in time: it is busy, or has just gone away`
    : `${describeHost(standing)}, is away`;
}

/** What ends the wait for one. */
const LATE_ENDS = 'a free place there; where workers have versions, one of the version that is current';

/** The wait of a run for a host that is away. */
export function buildHostWait(standing: HostStanding, { what, since, until, orBy, then }: WaitFacts): Wait {
  return {
    on: `${describeHost(standing)}, where ${what} runs`,
    since,
    ...(until === undefined ? {} : { until }),
    endedBy: [
      ...(standing.state === 'live' ? [LATE_ENDS] : ['a worker of that host that runs again']),
      ...(orBy === undefined ? [] : [orBy]),
      ...(standing.state === 'live' ? [] : [suggestForgetting(standing.host)]),
    ].join('; '),
    then,
  };
}

/** Why a worker may not work for a host, and what would be right. */
export function describeOtherCopy(host: string, machine: string): string {
  return (
    `host ${host} has a worker on machine ${machine}, with another copy of this data folder: each would take the other's processes for ` +
    'dead. Give this machine a data folder of its own: start with an empty one (--data), and copy nothing but the passphrase. ' +
    'Where the host has moved here, end the worker there first'
  );
}

/** What would be forgotten with a host. */
export interface ForgettingFacts {
  id: string;
  stackCount: number;
  /** Revisions that have their service's traffic: `web/production r17`. */
  live?: readonly string[];
}

/** What it does that a host is forgotten. */
export function describeForgetting({ id, stackCount, live = [] }: ForgettingFacts): string {
  const stacks = stackCount === 1 ? '1 stack' : `${stackCount} stacks`;
  const gone = stackCount === 0 ? 'no stack is bound to it' : `what ran there, ${stacks}, is taken to be gone`;
  const served =
    live.length === 0
      ? ''
      : `. Live among it: ${live.join(', ')}; their routes still lead there, so deploy these services anew`;
  return `host ${id} is forgotten: ${gone}, and what waits for it goes on within a minute. Should it come back, it joins again, and the reaper looks after what still runs there${served}`;
}
