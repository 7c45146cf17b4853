/**
 * What a durable rollout costs on top of the work itself: a whole rollout (from the client's call to its end: new stack
 * provisioned and checked, traffic moved, previous stack destroyed) ÷ the same steps by a bare script.
 *
 * The script does the same work: the same artifact and blueprint program, the same provider with the same wait for the
 * port, the same engine with the same settings, one health check, the same router. It goes through Pulumi's Automation
 * API as its documentation shows, in a process that is warm already, and leaves out what it can: it creates rather than
 * selects stacks, keeps them at hand for their destruction, and keeps no record. `driverRatio` compares with more than
 * anybody would write by hand: Supplant's stack driver, which runs two processes where the Automation API runs six; what
 * is left above 1 there is the price of workflow, audit log and catalogue alone.
 */
import type { RolloutStatus } from '../src/domain/rollout/status.ts';
import { Bare } from './bare.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { describeTimes, machineLoad, takeTurns } from './rounds.ts';
import { KEEP_NONE, Sample, versionOf } from './sample.ts';

const TARGET = 1.1;
const ROUNDS = 7;
/** The first revision has nothing to destroy; the second warms up what does. */
const WARM_UP_ROUNDS = 2;

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  await using bare = await Bare.start(platform.info.routerSocket);
  const statuses: RolloutStatus[] = [];
  const spec = (name: string, revision: number) => sample.spec(name, versionOf(revision), KEEP_NONE);
  const contenders = {
    rollout: async (revision: number) => {
      statuses.push(await platform.done(platform.client.apply(spec('web', revision), change())));
    },
    script: (revision: number) => bare.replace('script', spec('script', revision), revision),
    driver: (revision: number) => bare.replace('driver', spec('driver', revision), revision),
  };
  console.log('warming up');
  await takeTurns(contenders, { rounds: WARM_UP_ROUNDS });
  console.log('measuring');
  const times = await takeTurns(contenders, { rounds: ROUNDS, first: WARM_UP_ROUNDS + 1 });
  for (const [name, each] of Object.entries(times)) console.log(describeTimes(name, each));
  console.log(`phases of a rollout, median: ${phaseTimes(statuses.slice(WARM_UP_ROUNDS))}`);
  const value = median(times.rollout) / median(times.script);
  return {
    name: 'overhead',
    value,
    target: TARGET,
    ok: value <= TARGET,
    rolloutMs: median(times.rollout),
    scriptMs: median(times.script),
    driverRatio: median(times.rollout) / median(times.driver),
    load: machineLoad(),
  };
}

function phaseTimes(statuses: readonly RolloutStatus[]): string {
  const names = statuses[0]?.phases.filter(({ state }) => state === 'done').map(({ phase }) => phase) ?? [];
  const between = (status: RolloutStatus, name: string): number => {
    const { startedAt = '', endedAt = '' } = status.phases.find(({ phase }) => phase === name) ?? {};
    return Date.parse(endedAt) - Date.parse(startedAt);
  };
  return names.map((name) => `${name} ${median(statuses.map((status) => between(status, name)))} ms`).join(', ');
}

if (import.meta.main) printResult(await run());
