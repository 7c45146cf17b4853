import { condition } from '@temporalio/workflow';
import { findContractWake } from '../../domain/migrations/contract.ts';
import { readPool } from '../../domain/pools/pool.ts';
import { formatRevisionName, formatStackName } from '../../domain/service/revision.ts';
import { type ServiceState, readRouter, findLastBegun, applyTeardownReport } from '../../domain/service/state.ts';
import { type ActiveRevision, findExpired, withoutRevisions } from '../../domain/service/revision-set.ts';
import { buildRoute } from '../../domain/traffic/build-route.ts';
import type { ServiceContext } from './context.ts';
import { startTeardown } from '../teardown/take-down.ts';

/** Waits at least this long, so that clocks that differ a little do not make it spin. */
const LEAST_WAIT_MS = 50;

/** Waits for a fact, but no longer than until the next warm revision's time is over, or a contract may begin. */
export async function awaitExpiryOr(fact: () => boolean, state: ServiceState): Promise<void> {
  const { revisionSet, pinned = [] } = state;
  const [first] = revisionSet.warm
    .filter(({ revision }) => !pinned.includes(revision.number))
    .flatMap(({ warmUntil, revision }) => (warmUntil === undefined ? [] : [{ warmUntil, revision }]))
    .sort((a, b) => (a.warmUntil < b.warmUntil ? -1 : 1));
  const wake = findContractWake(state);
  if (wake !== undefined && (!first || wake < first.warmUntil)) {
    await condition(fact, untilMs(wake), { summary: `a contract may begin at ${wake}` });
    return;
  }
  if (!first) return condition(fact);
  await condition(fact, untilMs(first.warmUntil), {
    summary: `${formatRevisionName(first.revision.number)} is kept warm until ${first.warmUntil}`,
  });
}

function untilMs(moment: string): number {
  return Math.max(LEAST_WAIT_MS, Date.parse(moment) - Date.now());
}

/** Lets warm revisions go whose time is over. */
export async function retireExpired(context: ServiceContext): Promise<void> {
  // Looked up anew each time: one may be pinned while another is on its way out.
  for (let next = firstExpired(context); next; next = firstExpired(context)) {
    await retireRevision(context, next, 'its time as a warm revision is over');
  }
}

function firstExpired({ state }: ServiceContext): ActiveRevision | undefined {
  return findExpired(state.revisionSet, new Date(), state.pinned)[0];
}

/** From here on nobody goes back to it; its stack is taken down beside whatever else happens. */
export async function retireRevision(
  context: ServiceContext,
  { revision }: ActiveRevision,
  because: string,
): Promise<void> {
  const revisionSet = withoutRevisions(context.state.revisionSet, [revision.number]);
  const since = new Date().toISOString();
  const { key } = context.state;
  const stack = formatStackName(key, revision.number);
  context.state = applyTeardownReport(
    { ...context.state, revisionSet },
    { revision: revision.number, stack, gone: false, since, attempts: 0 },
  );
  const rollout = findLastBegun(context.state);
  const written = context.nextGeneration();
  await startTeardown({
    ref: { service: key, number: rollout, actor: 'supplant' },
    revision: revision.number,
    becomes: 'retired',
    because,
    ...(revisionSet.live ? { route: buildRoute(key, written, revisionSet.live, revisionSet.warm) } : {}),
    router: readRouter(context.state),
    ...readPool(revision),
    attempts: 0,
    since,
  });
}
