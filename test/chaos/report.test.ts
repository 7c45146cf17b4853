import assert from 'node:assert/strict';
import { ranges, report } from './report.ts';
import type { RunResult } from './results.ts';

const result = (seed: number, more: Partial<RunResult> = {}): RunResult => ({
  seed,
  commit: 'abc1234',
  findings: [],
  struck: ['worker-killed'],
  missed: [],
  provider: [],
  rollouts: 3,
  requests: 100,
  excused: 2,
  seconds: 9,
  ...more,
});

describe('chaos report', () => {
  it('names seeds in ranges', () => {
    assert.equal(ranges([3, 1, 2, 9, 11, 10, 10]), '1–3, 9–11');
    assert.equal(ranges([5]), '5');
  });

  it('counts runs, faults by kind and findings by kind', () => {
    const text = report([
      result(1),
      result(2, { struck: ['power-cut'], missed: ['engine-killed'], provider: ['hang'] }),
      result(4, { findings: [{ kind: 'leaked', text: 'ports are left: 1\nsecond line' }], note: 'mended' }),
    ]);
    for (const line of [
      '| runs | 3 |',
      '| requests of users | 300 |',
      '| **leaked** | 1 |',
      '| **dropped** | 0 |',
      '| power-cut | 1 | 0 |',
      '| engine-killed | 0 | 1 |',
      '| worker-killed | 2 | 0 |',
      '| hang | 1 |',
      '1–2, 4 of commit abc1234.',
      '- seed 4: leaked: ports are left: 1 (mended)',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n is not in\n${text}`);
    }
    assert.ok(!text.includes('## Gates'), text);
  });

  it('counts what came of gates and hooks, and names the seeds of each commit', () => {
    const guards = {
      ...{ gates: { open: 2, expired: 1 }, approvals: 3, rejections: 1, askings: 4, events: 5, calls: 8 },
      contracts: { done: 1 },
    };
    const text = report([result(1, { guards }), result(2, { guards, commit: 'def5678' }), result(3)]);
    for (const line of [
      '| runs with gates, hooks or migrations | 2 |',
      '| gates that opened | 4 |',
      '| gates at which somebody said no | 0 |',
      '| calls that this took | 16 |',
      '| contracts that were carried out | 2 |',
      '1, 3 of commit abc1234; 2 of commit def5678.',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n is not in\n${text}`);
    }
  });
});
