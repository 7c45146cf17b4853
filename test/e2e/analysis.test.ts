import assert from 'node:assert/strict';
import {
  ANALYSIS_DEFAULTS,
  type AnalysisSpec,
  DEFAULT_BUDGETS,
} from '../../src/domain/evidence/judge/analysis-spec.ts';
import { rejudge, type AnalysisRecord } from '../../src/domain/evidence/judge/record.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { StrategySpec } from '../../src/domain/service/strategy.ts';
import { Load } from './load.ts';
import { Platform, change, spec } from './platform.ts';

/** Answers well, but for each `every`th request under traffic: its checks ask for another path. */
function server(every: number): ServiceSpec['blueprint'] {
  const source = [
    'let asked = 0;',
    "const server = require('http').createServer((q, s) => {",
    `  if (q.url !== '/up' && (asked += 1) % ${every} === 0) s.statusCode = 500;`,
    "  s.end('here'); });",
    'server.listen(process.env.PORT, process.env.HOST);',
    "process.on('SIGTERM', () => process.exit(0));",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

const { alpha, confidence, mayRise } = ANALYSIS_DEFAULTS;

const ANALYSIS: AnalysisSpec = {
  ...{ leastRequests: 100, budgets: DEFAULT_BUDGETS },
  compare: { errors: { alpha }, latency: { confidence, mayRise } },
};

/** Half of the traffic, for as long as it takes to have enough of it. */
const CANARY: StrategySpec = {
  ...{ kind: 'canary', steps: [{ weight: 50, bakeMs: 1_000 }], bakeMs: 0, leastRequests: 200 },
  analysis: ANALYSIS,
};

describe('a revision that is held against the live one', function () {
  this.timeout(180_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(() => platform.dispose());

  const described = (name: string, every: number, strategy: StrategySpec): ServiceSpec => {
    const plain = spec(name, server(every), { strategy });
    return { ...plain, checks: plain.checks.map((check) => ({ ...check, path: '/up' })) };
  };

  /** One request in a hundred of the first is an error; its successor is rolled out under load. */
  async function replace(name: string, every: number, strategy = CANARY): Promise<RolloutStatus> {
    const first = described(name, 100, { kind: 'blue-green', bakeMs: 0 });
    const { rollout: made } = await platform.client.apply(first, change());
    await platform.client.waitForRollout(first.service, made);
    const { route } = await platform.client.view(first.service);
    assert.ok(route);
    const load = new Load(formatEndpointUrl(route.address), 200);
    try {
      const { rollout } = await platform.client.apply(described(name, every, strategy), change());
      return await platform.client.waitForRollout(first.service, rollout);
    } finally {
      await load.end();
    }
  }

  /** The same, with other rules. */
  const canaryBy = (analysis: Partial<AnalysisSpec>): StrategySpec => ({
    ...CANARY,
    analysis: { ...ANALYSIS, ...analysis },
  });

  const judged = ({ verdicts }: RolloutStatus): string[] =>
    verdicts
      .filter(({ check }) => check.endsWith('against live'))
      .map(({ check, verdict, isDryRun }) => `${check} ${verdict}${isDryRun ? ', dry run' : ''}`);

  it('is put back where it errs more, with the figures, which can be judged anew', async () => {
    const status = await replace('errs', 3);
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.match(status.because ?? '', /check errors against live failed: \d+ of \d+ requests to r2 were errors/);
    const events = await platform.client.auditEvents({ rollout: `errs/test#${status.number}` });
    const [measured] = events.filter(({ type }) => type === 'analysis.measured');
    const record = measured?.data.record as unknown as AnalysisRecord;
    assert.deepEqual([measured?.data.step, record.subject.revision, record.subject.baseline], [1, 2, 1]);
    assert.ok(rejudge(record, record.spec).some(({ verdict }) => verdict === 'fail'));
    // It may have been sure after a few dozen.
    const patient = { ...record.spec, errorsAtMost: 0.9, leastRequests: 10 };
    assert.ok(rejudge(record, patient).some(({ check, verdict }) => check === 'error limit' && verdict === 'pass'));
  });

  it('becomes live where it errs alike', async () => {
    const status = await replace('alike', 99, canaryBy({ compare: { errors: { alpha } } }));
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.deepEqual(judged(status), ['errors against live pass']);
  });

  it('becomes live in a dry run, whatever that finds', async () => {
    const status = await replace('tried', 3, canaryBy({ dryRun: true }));
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.equal(judged(status)[0], 'errors against live fail, dry run');
  });
});
