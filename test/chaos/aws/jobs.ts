import { AwsInstallation } from '../../e2e/aws-installation.ts';
import { type Emulators, startEmulators } from '../../doubles/aws/aws.ts';
import type { ChaosOptions } from '../options.ts';
import { addResult } from '../results.ts';
import { describeAwsPlan, planAwsRun } from './plan.ts';
import { type AwsRunResult, carryOutAwsRun } from './run.ts';

/** An installation serves this many runs, so that the time of its start and end is shared; each leaves it as it was. */
const RUNS_OF_AN_INSTALLATION = 10;

/** Runs on AWS, several at once, each in an account and an installation of its own. */
export async function runOnAws(
  options: ChaosOptions,
  commit: string,
  seeds: readonly number[],
): Promise<AwsRunResult[]> {
  await using emulators = await startEmulators();
  const deadline = performance.now() + options.minutes * 60_000;
  const waiting = [...seeds];
  const results: AwsRunResult[] = [];
  const take = (): number | undefined => (performance.now() > deadline ? undefined : waiting.shift());
  const work = async (): Promise<void> => {
    for (let seed = take(); seed !== undefined; seed = take())
      results.push(...(await inhabit(emulators, { options, commit }, seed, take)));
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return results;
}

/** Runs in one installation, until something is wrong there. */
async function inhabit(
  emulators: Emulators,
  { options, commit }: { options: ChaosOptions; commit: string },
  first: number,
  take: () => number | undefined,
): Promise<AwsRunResult[]> {
  const results: AwsRunResult[] = [];
  await using installation = await AwsInstallation.open(emulators);
  for (let seed: number | undefined = first; seed !== undefined; seed = take()) {
    const plan = planAwsRun(seed);
    const result = await carryOutAwsRun(installation, plan);
    results.push(result);
    addResult(options.results, { ...result, commit });
    const isClean = result.findings.length === 0;
    console.log(`${isClean ? '✔' : '✘'} ${describeAwsPlan(plan)} (${result.seconds} s)`);
    for (const { kind, text } of result.findings) console.log(`    ${kind}: ${text}`);
    if (!isClean) console.log(`    again: npm run chaos -- --world aws --seed ${seed}`);
    if (!isClean || results.length === RUNS_OF_AN_INSTALLATION) break;
  }
  return results;
}
