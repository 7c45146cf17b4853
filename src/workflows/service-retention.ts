import { condition } from '@temporalio/workflow';
import { revisionName, stackName } from '../domain/revision.ts';
import { type ServiceState, lastBegun } from '../domain/service-state.ts';
import { type Standing, WRITES_PER_ROLLOUT, expired, generation, routeTo, without } from '../domain/standing.ts';
import type { ServiceDesk } from './service-desk.ts';
import { startTeardown } from './take-down.ts';

/** Waits at least this long, so that clocks that differ a little do not make it spin. */
const LEAST_WAIT_MS = 50;

const RETRY_MS = 30_000;

/** Waits for a fact, but no longer than until the next warm revision's time is over. */
export async function untilExpiryOr(fact: () => boolean, { lineup, pinned = [] }: ServiceState): Promise<void> {
  const [first] = lineup.warm
    .filter(({ revision }) => !pinned.includes(revision.number))
    .flatMap(({ warmUntil, revision }) => (warmUntil === undefined ? [] : [{ warmUntil, revision }]))
    .sort((a, b) => (a.warmUntil < b.warmUntil ? -1 : 1));
  if (!first) return condition(fact);
  const millis = Math.max(LEAST_WAIT_MS, Date.parse(first.warmUntil) - Date.now());
  await condition(fact, millis, {
    summary: `${revisionName(first.revision.number)} is kept warm until ${first.warmUntil}`,
  });
}

/** Lets warm revisions go whose time is over. */
export async function retireExpired(desk: ServiceDesk): Promise<void> {
  // Looked up anew each time: one may be pinned while another is on its way out.
  for (let next = firstExpired(desk); next; next = firstExpired(desk)) await retire(desk, next);
}

function firstExpired({ state }: ServiceDesk): Standing | undefined {
  return expired(state.lineup, new Date(), state.pinned)[0];
}

/** From here on nobody goes back to it; its stack is taken down beside whatever else happens. */
async function retire(desk: ServiceDesk, { revision }: Standing): Promise<void> {
  const lineup = without(desk.state.lineup, [revision.number]);
  const since = new Date().toISOString();
  const stack = stackName(revision.service, revision.number);
  desk.state = {
    ...desk.state,
    lineup,
    routeWrites: desk.state.routeWrites + 1,
    departing: [...desk.state.departing, { revision: revision.number, stack, gone: false, since, attempts: 0 }],
  };
  const { key, routeWrites } = desk.state;
  const rollout = lastBegun(desk.state);
  // The upper half of a rollout's generations is for what happens between it and the next one.
  const written = generation(rollout, WRITES_PER_ROLLOUT / 2 + routeWrites);
  await startTeardown({
    v: 1,
    ref: { service: key, number: rollout, actor: 'supplant' },
    revision,
    becomes: 'retired',
    because: 'its time as a warm revision is over',
    ...(lineup.live ? { route: routeTo(key, written, lineup.live, lineup.warm) } : {}),
    attempts: 0,
    since,
    retryMs: RETRY_MS,
  });
}
