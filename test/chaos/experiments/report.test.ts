import assert from 'node:assert/strict';
import { reportExperiments } from './report.ts';
import type { StormFigures } from './storm-figures.ts';

const run = {
  ...{ seed: 3, commit: 'abc1234', findings: [], struck: [], missed: [], provider: [], rollouts: 0 },
  ...{ outcomes: { succeeded: 2 }, stacks: 2, overrunMs: 1_500, requests: 40, excused: 0, seconds: 9 },
};

const storm: StormFigures = {
  ...{ experiments: 200, runs: { succeeded: 150, lost: 20 }, strikes: { 'worker-killed': 4 }, leftOver: 0 },
  ...{ stacks: 170, overrunMs: 31_400, latest: [], requests: 9_000, minutes: 12, findings: [] },
};

describe('chaos report of experiments', () => {
  it('counts runs apart from storms', () => {
    const text = reportExperiments([run, { seed: 7, commit: 'def5678', storm }]);
    for (const line of [
      '| experiments | 1 |',
      '| runs that ended as succeeded | 2 |',
      '| the latest of them after its lease | 1.5 s |',
      'Seeds 3 of commit abc1234.',
      '- seed 7, of commit def5678: 200 experiments; runs: 20 lost, 150 succeeded; 170 stacks;',
      'left over: 0; the latest stack went 31.4 s after its lease; 9000 requests to the live service; 12.0 min; nothing was wrong',
    ])
      assert.ok(text.includes(line), `${line}\n\nin\n\n${text}`);
  });

  it('says what a storm has shown to be wrong, and nothing of storms where there were none', () => {
    const findings = [{ kind: 'leaked' as const, text: 'a process is left' }];
    const text = reportExperiments([{ seed: 7, commit: 'def5678', storm: { ...storm, findings } }]);
    assert.ok(text.includes('; **leaked**: a process is left'), text);
    assert.ok(!reportExperiments([run]).includes('Many at once'));
  });
});
