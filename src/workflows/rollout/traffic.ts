import { sleep } from '@temporalio/workflow';
import type { ChangePolicy, DrainTask } from '../../activities/traffic.ts';
import { chooseCohort } from '../../domain/rollout/choose-cohort.ts';
import { isPreviewedInStep } from '../../domain/rollout/choose-preview.ts';
import { type PlannedStep, describeShare } from '../../domain/rollout/plan.ts';
import type { RolloutRef } from '../../domain/service/requests.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { countsInFlight, makesOwnLooks, readServicePlace, readSettleMs } from '../../domain/service/router.ts';
import { DEFAULT_DRAIN_MS, type RouterSpec, formatServiceId } from '../../domain/service/service.ts';
import type { RevisionSet, DeployedRevision } from '../../domain/service/revision-set.ts';
import { buildClosedRoute, buildRoute, buildSplitRoute } from '../../domain/traffic/build-route.ts';
import type { Route } from '../../domain/traffic/route.ts';
import type { RolloutContext } from './context.ts';
import { draining, failureText, failureType, localFirst } from '../shared/activities.ts';

/**
 * So much of the traffic to the candidate, and the rest to what is live. Everything that stands stays in the route, ready to
 * take over again.
 */
export async function shiftTraffic(
  run: RolloutContext,
  candidate: DeployedRevision,
  step: PlannedStep,
  because: string,
): Promise<void> {
  const { kind, revisionSet, settings } = run.input;
  const { router } = settings;
  const { number, weight } = step;
  const { live, warm } = revisionSet;
  // Once it has traffic its bakes see to its health.
  if (makesOwnLooks(router) && live && number === 1) await enterRoute(run, { live, warm, candidate }, because);
  // What was changed between rollouts is told, and set right. Later it is a reason to go back.
  const changed = makesOwnLooks(router) && !run.hasWritten ? { changed: 'overwrite' as const } : {};
  const route = buildStepRoute(run, candidate, step);
  const share = step.audience === undefined ? `${weight} % of traffic` : `the ${describeShare(step)}`;
  const summary = `${share} to ${formatRevisionName(candidate.revision.number)}`;
  // Before the write: it may count although its answer is lost.
  run.progress.expose(weight, route.cohort !== undefined && step.audience !== 'inspection');
  const heed = run.gates.heedsStops ? { unlessStopped: true as const } : {};
  // A router that is away keeps a rollback from its end, and is waited for: where that leads is better than where it is.
  const limit = kind === 'rollback' ? undefined : ({ forAtMost: '2m' } as const);
  const task = { ref: run.ref, router, route, because, ...changed, ...heed };
  const observed = await localFirst('shift', summary, [task], limit);
  run.hasWritten = true;
  run.address = observed.address;
  if (route.preview?.revision === undefined) run.progress.look(undefined);
  const target = observed.targets.find((each) => each.revision === candidate.revision.number);
  const { served, failed, series } = target ?? {};
  if (served !== undefined && failed !== undefined) {
    run.countedAtShift = { served, failed, ...(series === undefined ? {} : { series }) };
  }
  await settleTraffic(run, weight === 100);
}

/** The route of a step, as it is to be from now on. */
export function buildStepRoute(run: RolloutContext, candidate: DeployedRevision, step: PlannedStep): Route {
  const { kind, revisionSet, settings } = run.input;
  const { port, listen, strictPort, preview } = readServicePlace(settings);
  // Going back matters more than where clients connect.
  const isStrict = kind === 'deploy' && strictPort === true;
  const looked = run.isPreviewed && isPreviewedInStep(step) ? { revision: candidate.revision.number } : {};
  const place = {
    ...(port === undefined ? {} : { port }),
    ...(listen === undefined ? {} : { listen }),
    ...(isStrict ? { strictPort } : {}),
    ...(preview ? { preview: { ...preview, ...looked } } : {}),
  };
  const { live, warm } = revisionSet;
  const cohort = live && chooseCohort(step, settings.strategy, candidate.revision.number);
  const baseline = run.baseline?.shareOf(step);
  const split = {
    ...{ target: candidate, weight: step.weight, idle: warm },
    ...(live ? { rest: live } : {}),
    ...(baseline ? { baseline } : {}),
    ...(cohort ? { cohort } : {}),
  };
  return buildSplitRoute(run.ref.service, run.nextGeneration(), split, place);
}

/** How long targets may take to be healthy before a rollout goes back. Instances boot, and pull what they run. */
const READY_LIMIT_MS = 15 * 60_000;

/** How long a step's traffic may take to move, in milliseconds: until targets are healthy, and all parts follow. */
export function computeShiftMs(router: RouterSpec, { number, weight }: PlannedStep): number {
  const readyMs = number === 1 && makesOwnLooks(router) ? READY_LIMIT_MS : 0;
  return readyMs + readSettleMs(router, { isLast: weight === 100 });
}

/** A router that looks at health itself looks at what is in its route: the candidate enters it at weight 0, and has to be healthy. */
async function enterRoute(
  run: RolloutContext,
  { live, warm, candidate }: { live: DeployedRevision; warm: DeployedRevision[]; candidate: DeployedRevision },
  because: string,
): Promise<void> {
  const { ref, router } = run;
  const name = formatRevisionName(candidate.revision.number);
  const others = warm.filter(({ revision }) => revision.number !== candidate.revision.number);
  const route = buildRoute(ref.service, run.nextGeneration(), live, [candidate, ...others]);
  const task = { ref, router, route, because, changed: 'overwrite' as const };
  await localFirst('shift', `${name} enters the route at weight 0`, [task], { forAtMost: '2m' });
  run.hasWritten = true;
  const wanted = buildRoute(ref.service, 1, candidate, []);
  await waitReady(run, name, wanted);
}

async function waitReady(run: RolloutContext, name: string, route: Route): Promise<void> {
  run.progress.wait({
    on: `the load balancer, to find all targets of ${name} healthy`,
    since: new Date().toISOString(),
    until: new Date(Date.now() + READY_LIMIT_MS).toISOString(),
    endedBy: `the targets of ${name}, or an abort`,
    then: `${name} gets traffic; where they are not healthy by then, the rollout goes back`,
  });
  try {
    const options = { summary: `targets of ${name} to be healthy`, scheduleToCloseTimeout: READY_LIMIT_MS };
    await draining().prepareRoute.executeWithOptions(options, [{ router: run.router, route }]);
  } finally {
    run.progress.wait(undefined);
  }
}

/** Until everything follows what was written. */
async function settleTraffic(run: RolloutContext, isLast: boolean): Promise<void> {
  const millis = readSettleMs(run.router, { isLast });
  if (millis === 0) return;
  run.progress.wait({
    on: 'the load balancer, all of whose parts are to follow the new weights',
    since: new Date().toISOString(),
    until: new Date(Date.now() + millis).toISOString(),
    endedBy: 'time',
    then: isLast ? 'nobody is sent to what has no traffic any more' : 'the new weights are judged',
  });
  try {
    await sleep(millis, { summary: 'the load balancer follows the new weights' });
  } finally {
    run.progress.wait(undefined);
  }
}

/** From here on the candidate may have requests: putting back gives its traffic back first. Once, however often asked. */
export function markExposed(run: RolloutContext, candidate: DeployedRevision): void {
  if (run.exposed) return;
  const why = () => run.progress.status.because ?? 'the rollout is put back';
  run.undo.push(async () => {
    await giveTrafficBack(run, candidate, why());
    run.progress.expose(0);
  });
  run.exposed = true;
}

/** The revision before takes all traffic again, in the same write that takes it from the candidate. */
async function giveTrafficBack(run: RolloutContext, candidate: DeployedRevision, because: string): Promise<void> {
  // The router did not take the write that gave it traffic.
  if (run.exposed) await withdraw(run, candidate, because);
}

/**
 * Nothing leads to the candidate any more, whether it had traffic or was looked at. It stays in the route, to be drained.
 *
 * @param summary what is said of the write; that the traffic is back unless told
 */
export async function withdraw(
  run: RolloutContext,
  candidate: DeployedRevision,
  because: string,
  summary?: string,
): Promise<void> {
  const { live, warm } = run.input.revisionSet;
  const { ref } = run;
  run.progress.look(undefined);
  try {
    const isWarm = warm.some((standing) => standing.revision.number === candidate.revision.number);
    if (!live) {
      const name = formatRevisionName(candidate.revision.number);
      const told = `${name} of ${formatServiceId(ref.service)} is taken back, and no revision was live before`;
      await closeRoute(run, isWarm ? warm : [candidate, ...warm], told, because);
      return;
    }
    const beside = run.baseline?.deployed;
    const idle = [...(isWarm ? [] : [candidate]), ...(beside ? [beside] : []), ...warm];
    const route = buildRoute(ref.service, run.nextGeneration(), live, idle);
    await localFirst('shift', summary ?? `100 % of traffic back to ${formatRevisionName(live.revision.number)}`, [
      { ref, router: run.router, route, because, ...insisting(run.router) },
    ]);
    await settleTraffic(run, true);
  } catch (error) {
    // A newer writer decided otherwise: its word stands.
    if (failureType(error) !== 'RouteRefused') throw error;
    run.progress.note('shift', `traffic was not given back: ${failureText(error)}`);
  }
}

/** No new requests to anybody; those in flight go on. For what goes with no successor. */
export async function closeRoute(
  run: RolloutContext,
  standing: DeployedRevision[],
  told: string,
  because: string,
): Promise<void> {
  const { ref } = run;
  const route = buildClosedRoute(ref.service, run.nextGeneration(), standing, told);
  await localFirst('shift', 'no new requests; those in flight go on', [
    { ref, router: run.router, route, because, ...insisting(run.router) },
  ]);
  await settleTraffic(run, true);
}

/** Where others can write, too: a revision that goes is never left in the route, and one that stays never without it. */
function insisting(router: RouterSpec): { changed?: ChangePolicy } {
  return makesOwnLooks(router) ? { changed: 'insist' } : {};
}

/**
 * Takes revisions out of the route once they have nothing in flight, or their drain is over; what was cut off is kept in
 * the rollout's status. What is left in `revisionSet` keeps its weights; where nothing is live, the route goes.
 */
export async function releaseRevisions(
  run: RolloutContext,
  revisionSet: RevisionSet,
  leaving: number[],
  because: string,
): Promise<void> {
  if (leaving.length === 0) return;
  const { ref } = run;
  try {
    await drain(run, leaving);
    if (revisionSet.live) {
      const route = buildRoute(ref.service, run.nextGeneration(), revisionSet.live, revisionSet.warm);
      const summary = `take ${leaving.map(formatRevisionName).join(', ')} out of the route`;
      await localFirst('shift', summary, [{ ref, router: run.router, route, because, ...insisting(run.router) }]);
      await settleTraffic(run, false);
    } else {
      await localFirst('removeRoute', 'nothing is live: no route', [
        { ref, router: run.router, generation: run.nextGeneration() },
      ]);
    }
  } catch (error) {
    // A newer writer decided otherwise: its word stands.
    if (failureType(error) !== 'RouteRefused') throw error;
  }
}

async function drain(run: RolloutContext, leaving: number[]): Promise<void> {
  const names = leaving.map(formatRevisionName).join(', ');
  const task = buildDrainTask(run.ref, run.router, leaving);
  const isCounted = countsInFlight(run.router);
  run.progress.wait({
    on: `what is in flight on ${names}${isCounted ? '' : ', which its router cannot count'}`,
    since: new Date().toISOString(),
    until: task.until,
    endedBy: isCounted ? 'its clients, by finishing' : 'time, or the deregistration delay where that is shorter',
    then: `what is left is cut off and ${isCounted ? 'recorded' : 'counted by nobody'}; the stack of ${names} is destroyed`,
  });
  try {
    run.progress.drained(await draining().drain.executeWithOptions({ summary: `drain ${names}` }, [task]));
  } finally {
    run.progress.wait(undefined);
  }
}

/** A drain that begins now. */
export function buildDrainTask(ref: RolloutRef, router: RouterSpec, revisions: number[]): DrainTask {
  const { drainMs: limitMs = DEFAULT_DRAIN_MS } = router;
  return { ref, router, revisions, limitMs, until: new Date(Date.now() + limitMs).toISOString() };
}
