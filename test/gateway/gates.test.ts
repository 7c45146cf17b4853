import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, it } from 'mocha';
import { BadRequestSchema } from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import { ChangeStopService } from '../../src/contract/gen/supplant/v1/change_stops_pb.ts';
import { RolloutService } from '../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { ServiceService } from '../../src/contract/gen/supplant/v1/services_pb.ts';
import type { Role } from '../../src/domain/access.ts';
import type { GateStatus } from '../../src/domain/gates/status.ts';
import { identifyCaller } from '../../src/gateway/auth/identity.ts';
import { BAKING, BAKING_VIEW } from '../doubles/sample-views.ts';
import { TestGateway } from './gateway.ts';

const SERVICE = 'services/web/environments/production';
const ROLLOUT = `${SERVICE}/rollouts/${BAKING.number}`;
const GATE: GateStatus = {
  ...{ name: 'qa', kind: 'approval', before: 'shift', state: 'waiting', then: 'rollback' },
  ...{ since: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
  ...{ approval: { from: ['approver', 'group:sre'], least: 2, notRequester: true, reason: 'required' }, approvals: [] },
};

/** A gateway with one caller of a role, in some groups, before a rollout that waits. */
async function gatewayOf(role: Role, { name = 'jwt:bob', groups = [] as string[], services = ['*/*'] } = {}) {
  const config = { bindings: [{ subjects: ['*'], role, services }], separateApprover: [] };
  const auth = { authenticate: async () => identifyCaller(config, { name, via: 'jwt', groups }) };
  return TestGateway.start({ views: [BAKING_VIEW], rollouts: [{ ...BAKING, gates: [GATE] }] }, { auth });
}

async function refused(asked: Promise<unknown>): Promise<ConnectError> {
  const error = await asked.then(
    () => assert.fail('it was answered'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConnectError);
  return error;
}

describe('gates over the API', () => {
  it('are approved by who counts, with who they are, as far as the gate asks for it', async () => {
    await using gateway = await gatewayOf('approver', { groups: ['sre', 'dev'] });
    await gateway.client(RolloutService).approveRollout({ name: ROLLOUT, reason: 'seen', requestId: 'r' });
    const [, verb, options] = gateway.backend.calls.find(({ method }) => method === 'act')?.args ?? [];
    assert.equal(verb, 'approve');
    assert.deepEqual(options, {
      ...{ actor: 'jwt:bob', reason: 'seen', requestId: 'r', rollout: BAKING.number },
      standing: { roles: ['approver'], groups: ['group:sre'] },
    });
  });

  it('are not approved by others: nothing is recorded, and a dry run says the same', async () => {
    for (const [role, caller, reason, why] of [
      ['deployer', {}, 'x', /approve on .* needs the role approver or admin/],
      ['approver', { name: BAKING.actor }, 'x', /asked for this rollout; somebody else/],
      ['approver', {}, '', /takes a reason/],
    ] as const) {
      await using gateway = await gatewayOf(role, caller);
      for (const validateOnly of [true, false]) {
        const asked = gateway.client(RolloutService).approveRollout({ name: ROLLOUT, reason, validateOnly });
        assert.match((await refused(asked)).message, why);
      }
      assert.ok(!gateway.backend.calls.some(({ method }) => method === 'act'));
    }
  });

  it('are passed by who may, with a reason, and by nobody else', async () => {
    await using admin = await gatewayOf('admin');
    const client = admin.client(RolloutService);
    const bare = await refused(client.promoteRollout({ name: ROLLOUT, breakGlass: true }));
    assert.equal(bare.code, Code.InvalidArgument);
    await client.promoteRollout({ name: ROLLOUT, breakGlass: true, reason: 'incident' });
    await client.promoteRollout({ name: ROLLOUT, full: true, reason: 'incident' });
    const asked = admin.backend.calls.filter(({ method }) => method === 'act').map(({ args }) => args[2]);
    assert.partialDeepStrictEqual(asked, [{ breakGlass: true }, { full: true, breakGlass: true }]);

    await using deployer = await gatewayOf('deployer');
    const rollouts = deployer.client(RolloutService);
    const error = await refused(rollouts.promoteRollout({ name: ROLLOUT, breakGlass: true, reason: 'x' }));
    assert.equal(error.code, Code.PermissionDenied);
    assert.match(error.message, /may not breakGlass.*needs the role admin/);
    await rollouts.promoteRollout({ name: ROLLOUT, full: true, reason: 'x' });
    const [, , full] = deployer.backend.calls.find(({ method }) => method === 'act')?.args ?? [];
    assert.partialDeepStrictEqual(full, { full: true });
    assert.ok(!Object.hasOwn(full as object, 'breakGlass'), 'its gates hold');
  });

  it('are passed by a deployment that says so, which is told aloud', async () => {
    await using admin = await gatewayOf('admin');
    const deploy = { parent: SERVICE, action: { case: 'deploy' as const, value: { artifact: 'npm:a@1.0.0' } } };
    const { receipt } = await admin
      .client(RolloutService)
      .createRollout({ ...deploy, breakGlass: true, reason: 'incident' });
    assert.match(receipt?.warnings[0] ?? '', /^BREAK-GLASS by jwt:bob: rollout 12 passes all gates/);
    const [, , change] = admin.backend.calls.find(({ method }) => method === 'deploy')?.args ?? [];
    assert.partialDeepStrictEqual(change, { breakGlass: true, reason: 'incident' });

    await using deployer = await gatewayOf('deployer');
    const client = deployer.client(RolloutService);
    const error = await refused(client.createRollout({ ...deploy, breakGlass: true, reason: 'x' }));
    assert.match(error.message, /may not breakGlass/);
    const apply = deployer.client(ServiceService).restartService({ name: SERVICE, breakGlass: true, reason: 'x' });
    assert.match((await refused(apply)).message, /may not breakGlass/);
    assert.ok(!deployer.backend.calls.some(({ method }) => method === 'deploy' || method === 'restart'));
    const back = { parent: SERVICE, action: { case: 'rollback' as const, value: {} } };
    const idle = await refused(client.createRollout({ ...back, breakGlass: true, reason: 'x' }));
    assert.match(idle.message, /rollbacks and removals pass all gates/);
  });
});

describe('stops of changes over the API', () => {
  const until = { seconds: BigInt(Math.ceil(Date.now() / 1_000) + 3_600), nanos: 0 };

  it('are set and lifted by admins of all services they hold, with a reason', async () => {
    await using gateway = await gatewayOf('admin', { services: ['*/production'] });
    const stops = gateway.client(ChangeStopService);
    await stops.setChangeStop({ environment: 'production', untilTime: until, reason: 'x', requestId: 'r' });
    await stops.liftChangeStop({ environment: 'production' });
    const [set, lift] = gateway.backend.calls;
    assert.partialDeepStrictEqual(set, { method: 'setChangeStop', args: [{ environment: 'production' }] });
    assert.partialDeepStrictEqual(lift, { method: 'liftChangeStop', args: [{ environment: 'production' }] });
    for (const environment of ['', 'staging']) {
      const error = await refused(stops.setChangeStop({ environment, reason: 'x' }));
      assert.equal(error.code, Code.PermissionDenied);
    }
    await using other = await gatewayOf('admin', { services: ['web/*'] });
    const error = await refused(
      other.client(ChangeStopService).setChangeStop({ environment: 'production', reason: 'x' }),
    );
    assert.match(error.message, /changeStop on \*\/production needs the role admin/);
  });

  it('are refused with all that is wrong at once', async () => {
    await using gateway = await gatewayOf('admin');
    const asked = { environment: 'No', untilTime: { seconds: 1n, nanos: 0 } };
    const error = await refused(gateway.client(ChangeStopService).setChangeStop(asked));
    const [request] = error.findDetails(BadRequestSchema);
    assert.deepEqual(
      request?.fieldViolations.map(({ field }) => field),
      ['environment', 'until_time', 'reason'],
    );
  });

  it('are listed for everybody who may look at anything', async () => {
    await using gateway = await gatewayOf('viewer', { services: ['web/production'] });
    assert.deepEqual((await gateway.client(ChangeStopService).listChangeStops({})).stops, []);
  });
});
