import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { describe, it } from 'mocha';
import { readWorkerOptions } from '../src/worker-options.ts';

describe('the options of a worker', () => {
  it('are the usual ones where nothing is said', () => {
    const { dataDir, pools, blueprints, stepMs, deployment, driftEvery } = readWorkerOptions([], {});
    assert.deepEqual(
      { dataDir, pools, blueprints, stepMs, deployment, driftEvery },
      {
        ...{ dataDir: '.supplant', pools: ['default'], blueprints: [] },
        ...{ stepMs: undefined, deployment: undefined, driftEvery: 3_600_000 },
      },
    );
  });

  it('come from the command line and from the environment, of which the former counts', () => {
    const args = ['--data', 'd', '--build', '2', '--pool', 'us', '--blueprint', 'b.ts'];
    const { dataDir, deployment, build, pools, blueprints, stepMs } = readWorkerOptions(args, {
      ...{ SUPPLANT_DATA: 'other', SUPPLANT_DEPLOYMENT: 'fleet', SUPPLANT_BUILD: '1', SUPPLANT_STEP_LIMIT: '90s' },
      ...{ SUPPLANT_POOLS: 'eu-west, us', SUPPLANT_BLUEPRINTS: ['a.ts', 'c.ts'].join(delimiter) },
    });
    assert.deepEqual(
      { dataDir, deployment, build, pools, blueprints, stepMs },
      {
        ...{ dataDir: 'd', deployment: 'fleet', build: '2', pools: ['eu-west', 'us'] },
        ...{ blueprints: ['a.ts', 'c.ts', 'b.ts'], stepMs: 90_000 },
      },
    );
  });

  it('take an empty variable for none', () => {
    const { deployment, pools } = readWorkerOptions([], { SUPPLANT_DEPLOYMENT: '', SUPPLANT_POOLS: '' });
    assert.deepEqual({ deployment, pools }, { deployment: undefined, pools: ['default'] });
  });

  it('are refused with all that is wrong with them', () => {
    const wrong = { SUPPLANT_STEP_LIMIT: 'soon', SUPPLANT_DRIFT_EVERY: 'never', SUPPLANT_POOLS: 'EU West' };
    assert.throws(
      () => readWorkerOptions([], wrong),
      /'EU West' cannot be the name of a pool.*; SUPPLANT_STEP_LIMIT is soon, .*; SUPPLANT_DRIFT_EVERY is never, /,
    );
  });
});
