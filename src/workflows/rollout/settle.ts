import { readPool } from '../../domain/pools/pool.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type DeployedRevision, type RevisionSet, promoteRevision } from '../../domain/service/revision-set.ts';
import type { RolloutContext } from './context.ts';
import { localFirst } from '../shared/activities.ts';
import { takeDown } from '../teardown/take-down.ts';
import { releaseRevisions } from './traffic.ts';

/** The point of no return: the candidate is live, and what retention does not keep goes. */
export async function settleOn(run: RolloutContext, candidate: DeployedRevision): Promise<RevisionSet> {
  const { revisionSet, retire } = await run.phase('settle', async (say) => {
    const settled = await settle(run, candidate);
    say(kept(settled.revisionSet));
    return settled;
  });
  run.undo.forget();
  await retireAll(run, revisionSet, retire, 'not kept by the retention policy');
  return revisionSet;
}

/** Until no pin came in between: one counts as long as the rollout has not settled. */
async function settle(run: RolloutContext, candidate: DeployedRevision): Promise<ReturnType<typeof promoteRevision>> {
  const { revisionSet: before, settings, pinned = [] } = run.input;
  const keep = new Set(pinned);
  for (let round = 1; ; round += 1) {
    const settled = promoteRevision(before, candidate, settings.retention, new Date(), [...keep]);
    const retire = settled.retire.map((standing) => standing.revision.number);
    const found = await localFirst('settle', `${formatRevisionName(candidate.revision.number)} is live`, () => [
      { ref: run.ref, now: Date.now(), revisionSet: settled.revisionSet, retire, round, ...run.contractTask },
    ]);
    const more = found.pinned.filter((number) => !keep.has(number));
    if (more.length === 0) return settled;
    for (const number of more) keep.add(number);
  }
}

function kept({ live, warm }: RevisionSet): string {
  const names = warm.map((standing) => formatRevisionName(standing.revision.number)).join(', ');
  const now = live ? `${formatRevisionName(live.revision.number)} is live` : 'nothing is live';
  return names === '' ? now : `${now}; ${names} stays warm`;
}

/** `retired r1, r2`; and what is still there, which goes on by itself. */
function describeRetired(numbers: readonly number[], gone: readonly boolean[]): string[] {
  const listed = (isGone: boolean): string =>
    numbers
      .filter((_, index) => gone[index] === isGone)
      .map(formatRevisionName)
      .join(', ');
  const left = listed(false);
  return [
    ...(listed(true) === '' ? [] : [`retired ${listed(true)}`]),
    ...(left === '' ? [] : [`${left} could not be destroyed yet: the teardown goes on`]),
  ];
}

export async function retireAll(
  run: RolloutContext,
  revisionSet: RevisionSet,
  retire: DeployedRevision[],
  because: string,
): Promise<void> {
  if (retire.length === 0) {
    run.skip(['teardown'], 'nothing to retire');
    return;
  }
  await run.phase('teardown', async (say) => {
    const numbers = retire.map((standing) => standing.revision.number);
    await releaseRevisions(run, revisionSet, numbers, because);
    const gone = await Promise.all(
      retire.map(async ({ revision }) => {
        const task = { ref: run.ref, revision: revision.number, becomes: 'retired', because } as const;
        const left = await takeDown({ ...task, ...readPool(revision) });
        if (left !== undefined) run.progress.quarantine(left);
        return left === undefined;
      }),
    );
    say([...describeRetired(numbers, gone), ...run.progress.cut].join('; '));
  });
}
