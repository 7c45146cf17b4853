import type { ProvisionResult } from '../../activities/stacks.ts';
import type { HostStanding } from '../../domain/hosts/host.ts';
import { buildHostWait } from '../../domain/hosts/words.ts';
import { readPool } from '../../domain/pools/pool.ts';
import type { PoolStanding } from '../../domain/pools/served.ts';
import { buildPoolWait } from '../../domain/pools/words.ts';
import type { Wait, WaitFacts } from '../../domain/rollout/rollout.ts';
import { type RevisionRef, formatRevisionName } from '../../domain/service/revision.ts';
import type { DeployedRevision } from '../../domain/service/revision-set.ts';
import { ENGINE_LIMIT_MS, engine } from '../shared/activities.ts';
import { type HostWaiting, awaitHost } from '../shared/follow-host.ts';
import { inParallel } from '../shared/in-parallel.ts';
import { inPool } from '../shared/in-pool.ts';
import type { RolloutContext } from './context.ts';

/** Makes the stack of a revision, and that of a baseline beside it. Whoever asks has noted how both are destroyed. */
export async function makeStacks(
  run: RolloutContext,
  revision: RevisionRef,
  say: (note: string) => void,
): Promise<DeployedRevision> {
  const { baseline } = run;
  if (!baseline) {
    const { endpoints, plan } = await makeStack(run, revision);
    if (plan !== undefined) say(plan);
    return { revision, endpoints };
  }
  const { checksMs } = await baseline.begin(run.ref);
  run.checksMs = Math.max(run.checksMs, checksMs);
  const [made, copy] = await inParallel(
    () => makeStack(run, revision),
    () => baseline.orFail(() => makeStack(run, baseline.revision)),
  );
  baseline.stand(copy.endpoints);
  say([made.plan ?? [], `${baseline.words}, stands beside it`, copy.plan ?? []].flat().join('; '));
  return { revision, endpoints: made.endpoints };
}

async function makeStack(run: RolloutContext, revision: RevisionRef): Promise<ProvisionResult> {
  const summary = `provision ${formatRevisionName(revision.number)} of ${run.ref.service.name}: ${revision.label}`;
  const task = { ref: run.ref, revision: revision.number };
  return awaitHost(
    inPool(
      revision.pool,
      (where) =>
        engine(readPool(revision)).provision.executeWithOptions({ summary: summary.slice(0, 190), ...where }, [task]),
      { explain: explainPool(run, revision) },
    ),
    { explain: explainHost(run, revision) },
  );
}

/** A stack that was begun on a host that is away can be completed only there. */
function explainHost(run: RolloutContext, revision: RevisionRef): HostWaiting['explain'] {
  const then = 'the stack is completed there; where that does not come about in time, the rollout is put back';
  return explainWait(run, revision, (standing: HostStanding, facts) => buildHostWait(standing, { ...facts, then }));
}

/** A stack is made by a worker of its pool alone. */
function explainPool(run: RolloutContext, revision: RevisionRef): (standing: PoolStanding | undefined) => void {
  const then = 'the stack is made there; where that does not come about in time, the rollout is put back';
  return explainWait(run, revision, (standing: PoolStanding, facts) => buildPoolWait(standing, { ...facts, then }));
}

/** Tells of a wait since when it has been, for as long as it is told how what it waits for stands. */
function explainWait<Standing>(
  { progress }: RolloutContext,
  { number }: RevisionRef,
  build: (standing: Standing, facts: Omit<WaitFacts, 'then'>) => Wait,
): (standing: Standing | undefined) => void {
  const begunAt = Date.now();
  let since: string | undefined;
  return (standing) => {
    const wasToldOf = since !== undefined;
    since = standing && (since ?? new Date().toISOString());
    if (!standing || since === undefined) {
      // What another stack waits for stays told.
      if (wasToldOf) progress.wait(undefined);
      return;
    }
    const until = new Date(begunAt + ENGINE_LIMIT_MS).toISOString();
    progress.wait(build(standing, { what: formatRevisionName(number), since, until, orBy: 'abort' }));
  };
}
