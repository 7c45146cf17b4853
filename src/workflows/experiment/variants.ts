import { ApplicationFailure, TemporalFailure, isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { LeasedRun } from '../../activities/experiment/leases.ts';
import { computeBackoffMs } from '../../domain/backoff.ts';
import type { Stage } from '../../domain/experiment/drill/stages.ts';
import type { RunVariant } from '../../domain/experiment/run.ts';
import type { HostStanding } from '../../domain/hosts/host.ts';
import { readPool } from '../../domain/pools/pool.ts';
import type { PoolStanding } from '../../domain/pools/served.ts';
import { buildPoolWait, describePoolWait } from '../../domain/pools/words.ts';
import type { Wait } from '../../domain/rollout/rollout.ts';
import { buildHostWait, describeHostWait } from '../../domain/hosts/words.ts';
import {
  draining,
  engine,
  failureText,
  failureType,
  localFirst,
  longRunning,
  lookOn,
  repeatIfLost,
} from '../shared/activities.ts';
import { type Where, awaitHost, readAbsence } from '../shared/follow-host.ts';
import { inPool, readUnserved } from '../shared/in-pool.ts';
import type { RunContext } from './context.ts';
import { allTogether } from './together.ts';

/** Fixes what the run does, and records the rights to its stacks, before one of them exists. */
export async function takeLeases(run: RunContext): Promise<LeasedRun> {
  const leased = await localFirst('takeLeases', 'lease its stacks', [{ status: run.status, ...run.owner }]);
  run.progress.extend(leased.deadlineAt);
  run.progress.variants(leased.variants);
  return leased;
}

/** All of a stage at once: they are to differ in nothing but what they are made from. */
export async function provisionAll(run: RunContext, stage: Stage): Promise<string> {
  const plans = await allTogether(run.variantsOf(stage), async ({ name, artifact, ...variant }) => {
    run.progress.variant(name, { state: 'provisioning' });
    const summary = `provision variant ${name}: ${artifact}`.slice(0, 190);
    const task = { ...run.common, variant: name };
    const { endpoints, plan } = await about(name, () =>
      awaitHost(
        inPool(
          variant.pool,
          (where) =>
            engine({ givesWay: true, ...readPool(variant) }).provisionVariant.executeWithOptions(
              { summary, ...where },
              [task],
            ),
          { explain: explainPool(run, name) },
        ),
        { explain: explainHost(run, name) },
      ),
    );
    run.progress.variant(name, { endpoints, state: 'ready' });
    return plan === undefined ? [] : [`${name}: ${plan}`];
  });
  return plans.flat().join('; ');
}

/** A stack that was begun on a host that is away can be completed only there. The run's own end ends the wait. */
function explainHost(run: RunContext, name: string): (standing: HostStanding | undefined) => void {
  const then = 'the stack is completed there; where the run is over before, its stacks are destroyed';
  return explainWait(run, name, (standing: HostStanding, facts) => buildHostWait(standing, { ...facts, then }));
}

/** A stack is made by a worker of its pool alone. */
function explainPool(run: RunContext, name: string): (standing: PoolStanding | undefined) => void {
  const then = 'the stack is made there; where the run is over before, its stacks are destroyed';
  return explainWait(run, name, (standing: PoolStanding, facts) => buildPoolWait(standing, { ...facts, then }));
}

/** Tells of a wait since when it has been, for as long as it is told how what it waits for stands. */
function explainWait<Standing>(
  { progress, status }: RunContext,
  name: string,
  build: (standing: Standing, facts: { what: string; since: string; until: string; orBy: string }) => Wait,
): (standing: Standing | undefined) => void {
  let since: string | undefined;
  return (standing) => {
    if (!standing && since === undefined) return;
    since = standing && (since ?? new Date().toISOString());
    if (!standing || since === undefined) {
      progress.wait(undefined);
      return;
    }
    progress.wait(build(standing, { what: `variant ${name}`, since, until: status.deadlineAt, orBy: 'stop' }));
  };
}

/** Nothing is measured of what is not healthy. */
export async function validateAll(run: RunContext, stage: Stage, { checksMs }: LeasedRun): Promise<string> {
  const variants = run.variantsOf(stage);
  await allTogether(variants, async ({ name, endpoints }) => {
    const task = { ...run.common, variant: { name, endpoints } };
    const options = { summary: `the checks of variant ${name}` };
    const { passed, words } = await lookOn(() =>
      longRunning(checksMs).validateVariant.executeWithOptions(options, [task]),
    );
    if (passed) return;
    const message = `variant ${name} is not healthy: ${words}`;
    throw ApplicationFailure.create({ type: 'CheckFailed', message, nonRetryable: true });
  });
  return variants.length === 1 ? 'it is healthy' : 'all are healthy';
}

/** Has the router lead to variants that people want to look at. */
export async function openAddresses(run: RunContext, { addressed }: LeasedRun): Promise<void> {
  const variants = run.status.variants.filter(({ name }) => addressed.includes(name));
  if (variants.length === 0) return;
  const opened = await draining().openAddresses.executeWithOptions({ summary: 'have the router lead to variants' }, [
    { ...run.common, variants: variants.map(({ name, endpoints }) => ({ name, endpoints })) },
  ]);
  for (const [name, address] of Object.entries(opened)) run.progress.variant(name, { address });
}

/** @param limits of a router that does not answer */
export async function closeAddresses(run: RunContext, limits: { forAtMost?: '30s' } = {}): Promise<void> {
  const summary = 'take its variants out of the router';
  await draining(limits).closeAddresses.executeWithOptions({ summary }, [{ ...run.common, variants: [] }]);
}

/** After this many attempts it is unlikely to go by itself: a person is asked, and it is tried on. */
const ATTEMPTS_BEFORE_HUMAN = 3;
const RETRY_MS = 30_000;

/** Destroys every stack, however often that has to be tried. Says whether all are gone: its history may be full before. */
export function destroyAll(run: RunContext, because: string): Promise<boolean> {
  const left = run.status.variants.filter(({ name }) => !run.retired.has(name));
  return destroyVariants(run, left, because);
}

/**
 * Takes the stacks of a stage away, since those of the next have proved themselves.
 *
 * @throws ApplicationFailure `StackStays` where that would fill the run's history
 */
export async function retireStage(run: RunContext, stage: Stage): Promise<void> {
  const because = `what comes after ${stage.variants.join(', ')} has passed`;
  try {
    if (await destroyVariants(run, run.variantsOf(stage), because)) {
      for (const name of stage.variants) run.retired.add(name);
      return;
    }
  } finally {
    run.progress.wait(undefined);
  }
  const message = `the stack of ${stage.variants.join(', ')} does not go, however often that is tried`;
  throw ApplicationFailure.create({ type: 'StackStays', message, nonRetryable: true });
}

type VariantRef = Pick<RunVariant, 'name' | 'pool'>;

async function destroyVariants(run: RunContext, variants: readonly VariantRef[], because: string): Promise<boolean> {
  const trouble = new Map<string, Trouble>();
  const show = (): void => showTrouble(run, trouble);
  const gone = await Promise.all(
    variants.map(async (variant) => {
      const { name } = variant;
      for (let attempt = 1; !workflowInfo().continueAsNewSuggested; attempt += 1) {
        try {
          await destroyOnce(run, { ...variant, attempt, because }, (waitsFor) => {
            const since = trouble.get(name)?.since ?? new Date().toISOString();
            if (waitsFor) trouble.set(name, { since, attempts: attempt, waitsFor, error: '' });
            else if (!trouble.delete(name)) return;
            show();
          });
          if (trouble.delete(name)) show();
          return true;
        } catch (error) {
          const since = trouble.get(name)?.since ?? new Date().toISOString();
          const absence = readAbsence(error);
          const unserved = readUnserved(error);
          const told = absence ? describeHostWait(absence) : unserved ? describePoolWait(unserved) : failureText(error);
          trouble.set(name, { since, attempts: attempt, error: told });
          if (attempt === ATTEMPTS_BEFORE_HUMAN) run.progress.needsHuman(true);
          show();
          await sleep(computeBackoffMs(attempt, RETRY_MS, RETRY_MS * 64), { summary: `before attempt ${attempt + 1}` });
        }
      }
      return false;
    }),
  );
  return gone.every(Boolean);
}

interface Trouble {
  since: string;
  attempts: number;
  error: string;
  /** What is away, while it is waited for. */
  waitsFor?: WaitsFor;
}

/** A host that is away, or a pool that nobody serves. */
type WaitsFor = { host: HostStanding } | { pool: PoolStanding };

async function destroyOnce(
  run: RunContext,
  { name, attempt, because, ...variant }: VariantRef & { attempt: number; because: string },
  explain: (waitsFor: WaitsFor | undefined) => void,
): Promise<void> {
  run.progress.variant(name, { state: 'destroying' });
  const summary = `destroy variant ${name}${attempt === 1 ? '' : `, attempt ${attempt}`}`;
  const task = { ...run.common, variant: name, because };
  const destroy = (where: Where) =>
    engine({ attempts: 1, ...readPool(variant) }).destroyVariant.executeWithOptions({ summary, ...where }, [task]);
  const patience = { isOver: () => workflowInfo().continueAsNewSuggested, isEndless: true };
  await awaitHost(
    inPool(variant.pool, (where) => repeatIfLost(() => destroy(where)), {
      ...patience,
      explain: (pool) => explain(pool && { pool }),
    }),
    { ...patience, explain: (host) => explain(host && { host }) },
  );
  run.progress.removeVariant(name);
}

function showTrouble(run: RunContext, trouble: ReadonlyMap<string, Trouble>): void {
  const [first] = trouble;
  if (!first) {
    run.progress.wait(undefined);
    return;
  }
  const [name, { since, attempts, error, waitsFor }] = first;
  const others = trouble.size > 1 ? `, and of ${trouble.size - 1} more` : '';
  if (waitsFor) {
    const what = `variant ${name}${others}`;
    const [forHost, forPool] = [
      'it is destroyed there; of a host that is forgotten it is taken to be gone',
      'it is destroyed there',
    ];
    run.progress.wait(
      'host' in waitsFor
        ? buildHostWait(waitsFor.host, { what, since, then: forHost })
        : buildPoolWait(waitsFor.pool, { what, since, then: forPool }),
    );
    return;
  }
  const asks = attempts >= ATTEMPTS_BEFORE_HUMAN ? '; somebody should look at what keeps it from going' : '';
  run.progress.wait({
    on: `the stack of variant ${name}${others} to go, which failed ${attempts} times, the last time with: ${error}${asks}`,
    since,
    endedBy: 'whoever mends what keeps it from going',
    then: 'it is tried again, until it is gone',
  });
}

/** A failure names the variant whose it is. */
async function about<T>(name: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    const type = failureType(error);
    const message = `variant ${name}: ${failureText(error)}`;
    throw ApplicationFailure.create({ message, ...(type === undefined ? {} : { type }), nonRetryable: true });
  }
}
