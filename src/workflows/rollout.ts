import { ApplicationFailure, CancellationScope, TemporalFailure } from '@temporalio/workflow';
import { aim } from '../domain/details.ts';
import type { RolloutInput, RolloutResult } from '../domain/requests.ts';
import { type Revision, revisionName } from '../domain/revision.ts';
import type { RolloutOutcome } from '../domain/rollout.ts';
import { type Lineup, type Placement, promote } from '../domain/standing.ts';
import { unlessBegun, unlessSettled } from './look-back.ts';
import { Run } from './run.ts';
import { engine, failureText, failureType, quickly } from './steps.ts';
import { takeDown } from './take-down.ts';
import { expose, release, shiftTo } from './traffic.ts';
import { bakeCandidate, recheckCandidate, validateCandidate } from './validation.ts';

/**
 * Makes a revision live, or puts everything back. Always completes with a result: a rollout that failed is an outcome,
 * not a failed workflow.
 */
export async function rollout(input: RolloutInput): Promise<RolloutResult> {
  const run = new Run(input);
  const attempt = input.kind === 'remove' ? remove : replace;
  let lineup = input.lineup;
  try {
    lineup = await attempt(run);
    run.progress.conclude('succeeded');
  } catch (error) {
    // Anything else is a fault of this code: Temporal repeats the task until it is mended, and nothing is put back.
    if (!(error instanceof TemporalFailure)) throw error;
    await CancellationScope.nonCancellable(() => putBack(run, error));
  }
  await CancellationScope.nonCancellable(() => close(run));
  return { status: run.progress.status, lineup };
}

async function replace(run: Run): Promise<Lineup> {
  const { lineup, revision } = run.input;
  if (lineup.live && lineup.live.revision.number === revision?.number) return stayOn(run, lineup.live);
  const bringing = run.controls.abortable(() => bringIn(run));
  const candidate = await bringing.catch((error: unknown) => unlessSettled(run, error));
  run.controls.commit();
  return CancellationScope.nonCancellable(() => settleOn(run, candidate));
}

/** What is asked for is so already. Bringing the revision in once more would put its stack at risk. */
async function stayOn(run: Run, { revision }: Placement): Promise<Lineup> {
  const note = `${revisionName(revision.number)} is live already`;
  const planning = run.controls.abortable(() =>
    run.phase('plan', async (say) => {
      await open(run);
      say(note);
    }),
  );
  await planning.catch((error: unknown) => unlessBegun(run, error));
  run.skip(['provision', 'validate', 'shift', 'bake', 'settle', 'teardown'], note);
  return run.input.lineup;
}

/** From nothing to a revision that carries all traffic. Every step is noted for {@link putBack} before it is made. */
async function bringIn(run: Run): Promise<Placement> {
  const { spec, lineup } = run.input;
  const warm = lineup.warm.find((standing) => standing.revision.number === run.input.revision?.number);
  run.candidate = warm;
  const revision = await run.phase('plan', () => open(run));

  let candidate: Placement;
  if (warm) {
    candidate = warm;
    run.skip(['provision'], `${revisionName(revision.number)} is warm`);
    await run.phase('validate', async (say) => say(await recheckCandidate(run, candidate)));
  } else {
    candidate = await run.phase('provision', () => provision(run, revision));
    run.candidate = candidate;
    await run.phase('validate', async (say) => say(await validateCandidate(run, candidate)));
  }

  await run.phase('shift', () => shift(run, candidate));

  if (warm || spec.strategy.bakeMs === 0) {
    run.skip(['bake'], warm ? `${revisionName(revision.number)} has been live before` : 'no bake asked for');
  } else {
    await run.phase('bake', async (say) => say(await bakeCandidate(run, candidate, spec.strategy.bakeMs)));
  }
  await run.controls.safePoint('settle');
  return candidate;
}

const NOTHING_TO_GO_BACK_TO =
  'there is no revision to go back to: there was no previous revision, it never became live, or it is being torn down';

async function open(run: Run): Promise<Revision> {
  const { kind, spec, revision, lineup, reason } = run.input;
  await quickly('open', `put ${aim({ kind, ...(revision ? { revision: revision.number } : {}) })} on record`, [
    {
      ref: run.ref,
      kind,
      ...(revision ? { revision } : {}),
      isNew: kind === 'deploy',
      spec,
      ...(lineup.live ? { previous: lineup.live.revision.number } : {}),
      ...(reason === undefined ? {} : { reason }),
      at: run.progress.status.startedAt,
    },
  ]);
  if (!revision) throw ApplicationFailure.create({ type: 'NothingToDo', message: NOTHING_TO_GO_BACK_TO });
  return revision;
}

async function provision(run: Run, revision: Revision): Promise<Placement> {
  const becomes = run.input.kind === 'deploy' ? 'failed' : 'retired';
  run.undo.push(() => destroyCandidate(run, revision, becomes));
  const summary = `provision ${revisionName(revision.number)} of ${run.input.spec.service.name}: ${revision.artifact}`;
  const { endpoints } = await engine().provision.executeWithOptions({ summary: summary.slice(0, 190) }, [
    { ref: run.ref, revision },
  ]);
  return { revision, endpoints };
}

async function shift(run: Run, candidate: Placement): Promise<void> {
  expose(run, candidate);
  try {
    await shiftTo(run, candidate, `${run.input.kind} of ${revisionName(candidate.revision.number)}: checks passed`);
  } catch (error) {
    // The router did not take it.
    if (failureType(error) === 'RouteRefused') run.exposed = false;
    throw error;
  }
}

/** The point of no return: the candidate is live, and what retention does not keep goes. */
async function settleOn(run: Run, candidate: Placement): Promise<Lineup> {
  const { lineup, retire } = await run.phase('settle', async (say) => {
    const settled = await settle(run, candidate);
    say(kept(settled.lineup));
    return settled;
  });
  run.undo.forget();
  await retireAll(run, lineup, retire, 'not kept by the retention policy');
  return lineup;
}

/** Until no pin came in between: one counts as long as the rollout has not settled. */
async function settle(run: Run, candidate: Placement): Promise<ReturnType<typeof promote>> {
  const { lineup: before, spec, pinned = [] } = run.input;
  const keep = new Set(pinned);
  for (let turn = 1; ; turn += 1) {
    const settled = promote(before, candidate, spec.retention, new Date(), [...keep]);
    const retire = settled.retire.map((standing) => standing.revision.number);
    const found = await quickly('settle', `${revisionName(candidate.revision.number)} is live`, [
      { ref: run.ref, lineup: settled.lineup, retire, turn },
    ]);
    const more = pinnedIn(found).filter((number) => !keep.has(number));
    if (more.length === 0) return settled;
    for (const number of more) keep.add(number);
  }
}

/** What older versions settled was not answered. */
function pinnedIn(found: { pinned: number[] } | undefined): number[] {
  return found?.pinned ?? [];
}

function kept({ live, warm }: Lineup): string {
  const names = warm.map((standing) => revisionName(standing.revision.number)).join(', ');
  const now = live ? `${revisionName(live.revision.number)} is live` : 'nothing is live';
  return names === '' ? now : `${now}; ${names} stays warm`;
}

async function retireAll(run: Run, lineup: Lineup, retire: Placement[], because: string): Promise<void> {
  if (retire.length === 0) {
    run.skip(['teardown'], 'nothing to retire');
    return;
  }
  await run.phase('teardown', async (say) => {
    const numbers = retire.map((standing) => standing.revision.number);
    await release(run, lineup, numbers, because);
    await Promise.all(
      retire.map(async ({ revision }) => {
        const left = await takeDown({ ref: run.ref, revision, becomes: 'retired', because });
        if (left !== undefined) run.progress.quarantine(left);
      }),
    );
    say(`retired ${numbers.map(revisionName).join(', ')}`);
  });
}

/** Takes the service away: route first, then every stack. */
async function remove(run: Run): Promise<Lineup> {
  const { live, warm } = run.input.lineup;
  const planning = run.controls.abortable(() =>
    run.phase('plan', () =>
      quickly('open', 'put the removal on record', [
        {
          ref: run.ref,
          kind: 'remove',
          isNew: false,
          spec: run.input.spec,
          ...(live ? { previous: live.revision.number } : {}),
          ...(run.input.reason === undefined ? {} : { reason: run.input.reason }),
          at: run.progress.status.startedAt,
        },
      ]),
    ),
  );
  await planning.catch((error: unknown) => unlessBegun(run, error));
  run.skip(['provision', 'validate', 'shift', 'bake'], 'nothing is put in its place');
  run.controls.commit();
  return CancellationScope.nonCancellable(async () => {
    const standing = live ? [live, ...warm] : warm;
    await run.phase('settle', async () => {
      await quickly('removeRoute', 'no more traffic', [{ ref: run.ref, generation: run.nextGeneration() }]);
      const retire = standing.map(({ revision }) => revision.number);
      await quickly('settle', 'nothing is live', [{ ref: run.ref, lineup: { warm: [] }, retire }]);
    });
    await retireAll(run, { warm: [] }, standing, 'the service is removed');
    return { warm: [] };
  });
}

/** Undoes what was done, latest first: traffic goes back before a stack is touched. */
async function putBack(run: Run, error: TemporalFailure): Promise<void> {
  const because = run.controls.aborted ?? failureText(error);
  const decided: RolloutOutcome = run.controls.aborted ? 'aborted' : run.exposed ? 'rolled-back' : 'failed';
  const outcome = run.recordedOutcome ?? decided;
  run.controls.putBack();
  run.progress.status.because = because;
  await run.undo.run();
  run.progress.conclude(outcome, because);
}

async function destroyCandidate(run: Run, revision: Revision, becomes: 'retired' | 'failed'): Promise<void> {
  await run.phase('teardown', async (say) => {
    const because = run.progress.status.because ?? 'the rollout is put back';
    if (run.exposed) await release(run, run.input.lineup, [revision.number], because);
    const left = await takeDown({ ref: run.ref, revision, becomes, because });
    if (left !== undefined) run.progress.quarantine(left);
    say(left === undefined ? `${revisionName(revision.number)} is destroyed` : `${left} is quarantined`);
  });
}

/** Also what the catalogue and a closed run show: their last word. */
async function close(run: Run): Promise<void> {
  const { kind, revision, reason } = run.input;
  const { outcome = 'failed', because, startedAt, endedAt = startedAt } = run.progress.status;
  await quickly('close', `the rollout has ${outcome}`, [
    {
      ref: run.ref,
      kind,
      ...(revision ? { revision: revision.number } : {}),
      ...(revision && kind === 'deploy' && outcome !== 'succeeded' ? { failed: revision } : {}),
      ...(reason === undefined ? {} : { reason }),
      startedAt,
      at: endedAt,
      outcome,
      ...(because === undefined ? {} : { because }),
    },
  ]);
  run.controls.close();
  run.progress.publish();
}
