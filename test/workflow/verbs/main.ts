/**
 * `npm run model -- --runs 10000 --seed 7`: random sequences of verbs on real workflows. Each batch is a line of the results
 * file, and `--report` writes what all of its lines say to docs/verbs.md. `--only 3,12` carries
 * out these sequences alone, on one service, and `--lane small` on workers of that kind. Ends with 1 where
 * a sequence failed, and with `--complete`, or after 10,000 sequences, where a cell of the report was never met. What is
 * kept for the next report is in `kept/results.jsonl`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readSeed } from '../../../tools/check/seed.ts';
import { addResult, readResults } from '../../chaos/results.ts';
import { connect } from '../server.ts';
import { SharedServer } from '../shared-server.ts';
import { listMissing, renderReport } from './report.ts';
import type { BatchResult } from './results.ts';
import { LANES, runSequences } from './runs.ts';
import { BATCH } from './steering.ts';

const DEFAULT_RESULTS = fileURLToPath(new URL('../../../node_modules/.cache/verbs.jsonl', import.meta.url));
const REPORT = fileURLToPath(new URL('../../../docs/verbs.md', import.meta.url));

/** After so many sequences a cell that was never met is a fault of how they are drawn. */
const MANY = 10_000;

const SERVER_SETTINGS = ['limit.historyCount.suggestContinueAsNew=600'];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${readSeed()}` },
    services: { type: 'string', default: '16' },
    only: { type: 'string' },
    lane: { type: 'string' },
    keep: { type: 'string' },
    results: { type: 'string', default: DEFAULT_RESULTS },
    report: { type: 'boolean', default: false },
    complete: { type: 'boolean', default: false },
  },
});

const lane = LANES.find((each) => each === values.lane);
if (values.lane !== undefined && lane === undefined) throw new Error(`--lane: expected one of ${LANES.join(', ')}`);

if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });

async function runBatch(seed: number, runs: number, services: number, only?: number[]): Promise<BatchResult> {
  await using server = await SharedServer.start(SERVER_SETTINGS);
  const env = await connect(server.address);
  const begun = performance.now();
  let told = 0;
  try {
    const { done, tally, ...counts } = await runSequences(env, {
      ...{ runs, seed, services },
      ...(only === undefined ? {} : { only }),
      ...(lane === undefined ? {} : { lane }),
      ...(values.keep === undefined ? {} : { keep: values.keep }),
      onProgress: ({ done, failures }) => {
        if (done % 20 === 0) console.log(`seed ${seed}: ${done} of ${runs}`);
        for (; told < failures.length; told += 1) console.log(`\n${failures[told]}`);
      },
    });
    const seconds = Math.round((performance.now() - begun) / 1_000);
    return { seed, commit: readCommit(), sequences: done, ...counts, seconds, cells: tally.counts };
  } finally {
    await env.teardown();
  }
}

function readCommit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

let failed = 0;
if (values.only !== undefined) {
  const only = values.only.split(',').map(Number);
  if (!only.every((each) => Number.isInteger(each) && each >= 0)) throw new Error('--only: expected 3 or 3,12');
  failed += (await runBatch(Number(values.seed), only.length, 1, only)).failures.length;
} else {
  for (let left = Number(values.runs), seed = Number(values.seed); left > 0; left -= BATCH, seed += 1) {
    const result = await runBatch(seed, Math.min(BATCH, left), Number(values.services));
    addResult(values.results, result);
    failed += result.failures.length;
    const { sequences, seconds, failures, unsure } = result;
    console.log(`seed ${seed}: ${sequences} sequences in ${seconds} s, ${failures.length} failed, ${unsure} unsure`);
  }
  const results = readResults<BatchResult>(values.results);
  const missing = listMissing(results);
  for (const cell of missing) console.log(`never met: ${cell}`);
  const total = results.reduce((sum, { sequences }) => sum + sequences, 0);
  if (values.complete || total >= MANY) failed += missing.length;
  if (values.report) writeFileSync(REPORT, renderReport(results));
}
process.exit(failed === 0 ? 0 : 1);
