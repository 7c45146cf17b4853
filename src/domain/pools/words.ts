import type { Wait, WaitFacts } from '../rollout/rollout.ts';
import type { PoolStanding } from './served.ts';

/**
 * `no worker serves pool eu-west (pools served: default, us)`
 *
 * @param meant a pool that is served and is called much the same
 */
export function describeUnserved({ pool, served }: Pick<PoolStanding, 'pool' | 'served'>, meant?: string): string {
  const guess = meant === undefined ? '' : `did you mean ${meant}? `;
  return `no worker serves pool ${pool} (${guess}pools served: ${served.join(', ') || 'none'})`;
}

/** What ends the wait for a pool that nobody serves. */
export function suggestServing(pool: string): string {
  return `a worker that is started with --pool ${pool}`;
}

/** Why nobody begins with what waits in a pool. */
export function describePoolObstacle(standing: PoolStanding): string {
  return `${describeUnserved(standing)}; it begins with ${suggestServing(standing.pool)}`;
}

/** What is said to who asks for something that is made in a pool that nobody serves, without a full stop. */
export function describePoolWarning(standing: PoolStanding, meant: string | undefined): string {
  return `${describeUnserved(standing, meant)}; the rollout waits for ${suggestServing(standing.pool)}`;
}

/** Why a stack is not destroyed yet, in one line that fits where errors are shown. */
export function describePoolWait(standing: PoolStanding): string {
  return `waits for a worker: ${describeUnserved(standing)}; ${suggestServing(standing.pool)} ends the wait`;
}

/** `no worker of pool default has blueprint web at digest 0123456789ab; its workers have 222222222222` */
export function describeOutdated({ pool, wanted, installed = [] }: PoolStanding): string {
  const { name = '', digest = '' } = wanted ?? {};
  const others = installed.map((each) => each.slice(0, SHOWN)).join(', ');
  const has = others === '' ? 'its workers do not know it' : `its workers have ${others}`;
  return `no worker of pool ${pool} has blueprint ${name} at digest ${digest.slice(0, SHOWN)}: ${has}`;
}

/** As much of a digest as tells it from others. */
const SHOWN = 12;

/** The wait of a run for a pool that nobody serves. */
export function buildPoolWait(standing: PoolStanding, { what, since, until, orBy, then }: WaitFacts): Wait {
  return {
    on: `a worker to do the work of ${what}: ${describeUnserved(standing)}`,
    since,
    ...(until === undefined ? {} : { until }),
    endedBy: [suggestServing(standing.pool), ...(orBy === undefined ? [] : [orBy])].join('; '),
    then,
  };
}
