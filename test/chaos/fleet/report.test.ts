import assert from 'node:assert/strict';
import { reportFleetRuns } from './report.ts';
import type { FleetRunResult } from './run.ts';

const result = (seed: number, more: Partial<FleetRunResult> = {}): FleetRunResult & { commit: string } => ({
  ...{ seed, commit: 'abc1234', findings: [], struck: ['machine-lost'], missed: [] },
  ...{ rollouts: 3, requests: 100, excused: 2, seconds: 9 },
  ...more,
});

describe('chaos report of a fleet', () => {
  it('counts runs, faults by kind and findings by kind, and names seeds', () => {
    const text = reportFleetRuns([
      result(1),
      result(2, { struck: ['machine-frozen'], missed: ['engine-killed'] }),
      result(4, { findings: [{ kind: 'leaked', text: 'claims are left: up of chaos/s4a\nsecond line' }] }),
    ]);
    for (const line of [
      '| runs | 3 |',
      '| rollouts | 9 |',
      '| faults | 3 |',
      '| **leaked** | 1 |',
      '| **stuck** | 0 |',
      '| machine-lost | 2 | 0 |',
      '| engine-killed | 0 | 1 |',
      'Seeds 1–2, 4 of commit abc1234.',
      '- seed 4: leaked: claims are left: up of chaos/s4a',
    ]) {
      assert.ok(text.split('\n').includes(line), line);
    }
  });
});
