import { revisionName } from '../domain/revision.ts';
import { type Lineup, type Placement, routeTo } from '../domain/standing.ts';
import type { Run } from './run.ts';
import { failureText, failureType, quickly, watching } from './steps.ts';

/** How long requests in flight may take to finish before their stack is destroyed under them. */
export const DRAIN_MS = 30_000;

/** All new requests to the candidate. Everything that stands stays in the route at weight 0, ready to take over again. */
export async function shiftTo(run: Run, candidate: Placement, because: string): Promise<void> {
  const { service } = run.ref;
  const route = routeTo(
    service,
    run.nextGeneration(),
    candidate,
    standing(run.input.lineup),
    run.input.spec.router.port,
  );
  const summary = `100 % of traffic to ${revisionName(candidate.revision.number)}`;
  await quickly('shift', summary, [{ ref: run.ref, route, because }], { forAtMost: '2m' });
}

/** From here on the candidate may have requests: putting back gives its traffic back first. */
export function expose(run: Run, candidate: Placement): void {
  const why = () => run.progress.status.because ?? 'the rollout is put back';
  run.undo.push(() => giveTrafficBack(run, candidate, why()));
  run.exposed = true;
}

/** The revision before takes all traffic again, in the same write that takes it from the candidate. */
async function giveTrafficBack(run: Run, candidate: Placement, because: string): Promise<void> {
  const { live, warm } = run.input.lineup;
  const { ref } = run;
  try {
    if (!live) {
      await quickly('removeRoute', 'no revision before: no route', [{ ref, generation: run.nextGeneration() }]);
      return;
    }
    const isWarm = warm.some((standing) => standing.revision.number === candidate.revision.number);
    const route = routeTo(ref.service, run.nextGeneration(), live, isWarm ? warm : [candidate, ...warm]);
    await quickly('shift', `100 % of traffic back to ${revisionName(live.revision.number)}`, [{ ref, route, because }]);
  } catch (error) {
    // A newer writer decided otherwise: its word stands.
    if (failureType(error) !== 'RouteRefused') throw error;
    run.progress.note('shift', `traffic was not given back: ${failureText(error)}`);
  }
}

/** Takes revisions out of the route once they have nothing in flight. What is left in `lineup` keeps its weights. */
export async function release(run: Run, lineup: Lineup, leaving: number[], because: string): Promise<void> {
  if (!lineup.live || leaving.length === 0) return;
  const route = routeTo(run.ref.service, run.nextGeneration(), lineup.live, lineup.warm);
  const summary = `drain ${leaving.map(revisionName).join(', ')} and take out of the route`;
  try {
    await watching.release.executeWithOptions({ summary }, [
      { ref: run.ref, route, because, revisions: leaving, deadlineMs: DRAIN_MS },
    ]);
  } catch (error) {
    if (failureType(error) !== 'RouteRefused') throw error;
  }
}

function standing({ live, warm }: Lineup): Placement[] {
  return live ? [live, ...warm] : warm;
}
