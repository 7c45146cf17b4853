import assert from 'node:assert/strict';
import type { RouteObservation } from '../../../src/domain/traffic/route.ts';
import { buildServiceView } from '../../../src/domain/service/view.ts';
import type { PhaseState, RolloutStatus, ServiceStatus } from '../../../src/domain/rollout/status.ts';

const service = { name: 'web', environment: 'test' };
const revision = { number: 2, artifact: 'command', state: 'provisioning' as const, since: 'then', endpoints: [] };
const status = {
  spec: {},
  revisions: [revision],
  queue: [],
  quarantine: [],
} as unknown as ServiceStatus;
const route: RouteObservation = {
  service,
  generation: 1,
  address: { host: '127.0.0.1', port: 80 },
  targets: [
    {
      revision: 2,
      endpoints: [{ host: '127.0.0.1', port: 81 }],
      weight: 100,
      inFlight: 0,
      upgraded: 0,
      served: 1,
      failed: 0,
    },
  ],
};
const rollout = (state: PhaseState, number = 2): RolloutStatus =>
  ({ service, revision: number, phases: [{ phase: 'provision', state }] }) as unknown as RolloutStatus;

describe('the view of a service', () => {
  const seen = (...args: [RolloutStatus?, RouteObservation?]) =>
    buildServiceView(status, { rollout: args[0], route: args[1] }).status.revisions[0];

  it('shows a new revision as ready, and where, once its rollout has provisioned it', () => {
    assert.equal(seen(rollout('running'))?.state, 'provisioning');
    assert.equal(seen(rollout('done'))?.state, 'ready');
    assert.deepEqual(seen(rollout('done'), route)?.endpoints, ['http://127.0.0.1:81']);
  });

  it('leaves it as it is when the rollout is of another revision, or unknown', () => {
    assert.deepEqual(seen(rollout('done', 3)), revision);
    assert.deepEqual(seen(), revision);
  });
});
