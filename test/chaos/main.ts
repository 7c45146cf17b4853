/** `npm run chaos`: random rollouts under random faults, and what is wrong after each of them. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from '../../tools/check/run.ts';
import { readCommit } from './commits.ts';
import { Jobs } from './jobs.ts';
import { type ChaosOptions, parseOptions } from './options.ts';
import { report } from './report.ts';
import { describeStorm } from './experiments/storm-figures.ts';
import { type RunResult, addResult, readResults } from './results.ts';

const REPORT = fileURLToPath(new URL('../../docs/chaos.md', import.meta.url));
const AWS_REPORT = fileURLToPath(new URL('../../docs/chaos-aws.md', import.meta.url));
const EXPERIMENTS_REPORT = fileURLToPath(new URL('../../docs/chaos-experiments.md', import.meta.url));
const FLEET_REPORT = fileURLToPath(new URL('../../docs/chaos-fleet.md', import.meta.url));
const INTERRUPTED = 130;

async function main(options: ChaosOptions): Promise<number> {
  if (options.report) {
    const [path, text] = await makeReport(options);
    writeFileSync(path, text);
    console.log(text);
    return 0;
  }
  if (options.storm > 0) return runStorm(options);
  const seeds = Array.from({ length: options.runs }, (_, index) => options.seed + index);
  const run = RUNS[options.world];
  const bad = await run(options, seeds);
  if (bad.length === 0 || !options.confirm) return bad.length === 0 ? 0 : 1;
  console.log('once more, each of these:');
  return (await run(options, bad)).length === 0 ? 0 : 1;
}

async function makeReport({ world, results }: ChaosOptions): Promise<[path: string, text: string]> {
  if (world === 'local') return [REPORT, report(readResults(results))];
  if (world === 'experiments') {
    const { reportExperiments } = await import('./experiments/report.ts');
    return [EXPERIMENTS_REPORT, reportExperiments(readResults(results))];
  }
  if (world === 'fleet') {
    const { reportFleetRuns } = await import('./fleet/report.ts');
    return [FLEET_REPORT, reportFleetRuns(readResults(results))];
  }
  const { reportAwsRuns } = await import('./aws/report.ts');
  return [AWS_REPORT, reportAwsRuns(readResults(results))];
}

/** Returns the seeds of the runs in which something was wrong. */
async function runAll(options: ChaosOptions, seeds: readonly number[]): Promise<number[]> {
  const jobs = new Jobs(options, readCommit(), seeds);
  const interrupt = (): void => void jobs.end().finally(() => process.exit(INTERRUPTED));
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.once(name, interrupt);
  const results = await jobs.run();
  for (const name of signals) process.off(name, interrupt);
  const runs = results.filter(({ worldEnd }) => worldEnd !== true).length;
  return listBad(results, runs, seeds.length);
}

async function runAllOnAws(options: ChaosOptions, seeds: readonly number[]): Promise<number[]> {
  // The SDK of AWS takes its time to load.
  const { runOnAws } = await import('./aws/jobs.ts');
  const results = await runOnAws(options, readCommit(), seeds);
  return listBad(results, results.length, seeds.length);
}

async function runAllExperiments(options: ChaosOptions, seeds: readonly number[]): Promise<number[]> {
  const { runExperiments } = await import('./experiments/jobs.ts');
  const results = await runExperiments(options, readCommit(), seeds);
  return listBad(results, results.length, seeds.length);
}

async function runAllOnFleet(options: ChaosOptions, seeds: readonly number[]): Promise<number[]> {
  const { runOnFleet } = await import('./fleet/jobs.ts');
  const results = await runOnFleet(options, readCommit(), seeds);
  return results ? listBad(results, results.length, seeds.length) : [];
}

async function runStorm(options: ChaosOptions): Promise<number> {
  const { storm } = await import('./experiments/storm.ts');
  const figures = await storm(options.storm, options.seed);
  addResult(options.results, { seed: options.seed, commit: readCommit(), storm: figures });
  console.log(`seed ${options.seed}: ${describeStorm(figures)}`);
  for (const { stack, ms, by } of figures.latest)
    console.log(`    ${stack}: ${Math.round(ms / 1_000)} s, ${String(by)}`);
  for (const { kind, text } of figures.findings) console.log(`    ${kind}: ${text}`);
  return figures.findings.length === 0 ? 0 : 1;
}

const RUNS = { local: runAll, aws: runAllOnAws, experiments: runAllExperiments, fleet: runAllOnFleet };

function listBad(results: readonly Pick<RunResult, 'seed' | 'findings'>[], runs: number, wanted: number): number[] {
  const bad = new Set(results.filter(({ findings }) => findings.length > 0).map(({ seed }) => seed));
  const short = runs < wanted ? ` of ${wanted}, when the time was over` : '';
  console.log(`${runs} runs${short}; ${bad.size === 0 ? 'nothing was wrong' : `wrong: seeds ${[...bad].join(', ')}`}`);
  return [...bad];
}

// Each run starts dozens of processes, all of which load the same.
process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
let code = 2;
try {
  code = await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error((error as Error).message);
}
// A world that could not be ended may hold this process up; nobody waits for it.
process.exit(code);
