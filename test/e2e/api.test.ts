import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { VERB_TABLE } from '../../src/domain/rollout/verbs.ts';
import { isAlive } from '../../src/host/process-identity.ts';
import { Grpcurl, type Refusal, obtainGrpcurl } from './grpcurl.ts';
import { Platform, command } from './platform.ts';

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

interface Receipted {
  receipt: { rollout?: string; unchanged?: boolean };
}
interface Watched {
  sequence: string;
  event?: { sequence: string; type: string };
  rollout?: { state: string; phase: string };
}

const nameOf = (service: string): string => `services/${service}/environments/test`;

/** A request for a service that answers its version. */
function application(service: string, version: string, bake: string) {
  const { name, config } = command(version);
  const probe = { successes: 1, interval: '0.050s', deadline: '10s' };
  const spec = {
    ...{ service, environment: 'test', artifact: 'command', blueprint: { name, config } },
    strategy: { blueGreen: { bake } },
    checks: [{ name: 'answers', http: { path: '/', status: [200] }, ...probe }],
  };
  return { spec, reason: 'a test', requestId: randomUUID() };
}

function detail(refusal: Refusal, type: string) {
  const found = refusal.details.find((each) => each['@type'] === `type.googleapis.com/google.rpc.${type}`);
  assert.ok(found, `no ${type} in ${JSON.stringify(refusal)}`);
  return found;
}

describe('the API as other programs use it', () => {
  let platform: Platform;
  let grpcurl: Grpcurl;

  before(async function () {
    const executable = await obtainGrpcurl();
    if (executable === undefined) {
      console.log('skipped: there is no grpcurl, and no Go to build it');
      this.skip();
    }
    platform = await Platform.start();
    const { host, port } = platform.lease().api;
    grpcurl = new Grpcurl(executable, { address: `${host}:${port}`, token: await platform.token() });
  });
  // Nothing was started where it was skipped.
  after(() => (platform as Platform | undefined)?.dispose());

  const get = (service: string) =>
    grpcurl.call<{ service: { lastRollout?: string; runningRollout?: string } }>('ServiceService/GetService', {
      name: nameOf(service),
    });

  const eventsOf = async (service: string) => {
    const events = await platform.client.auditEvents({ subject: `${service}/test` });
    return events.map(({ seq, type }) => ({ sequence: String(seq), type }));
  };

  /** Applies a service and follows that to the end; what the watch said. */
  const applied = async (service: string, bake = '0.100s') => {
    const { receipt } = await grpcurl.call<Receipted>('ServiceService/ApplyService', application(service, '1', bake));
    const name = receipt.rollout ?? '';
    const { messages, refusal } = await grpcurl.stream<Watched>('RolloutService/WatchRollout', { name });
    assert.equal(refusal, undefined);
    return { name, messages };
  };

  it('tells grpcurl all there is', async () => {
    const listed = (await grpcurl.text('list')).trim().split('\n');
    for (const service of ['AuditService', 'RolloutService', 'ServiceService']) {
      assert.ok(listed.includes(`supplant.v1.${service}`));
    }
    assert.ok(listed.includes('grpc.health.v1.Health'));
    assert.match(await grpcurl.text('describe', 'supplant.v1.RolloutService'), /rpc CreateRollout \(/);
    assert.match(await grpcurl.text('describe', 'supplant.v1.CreateRolloutRequest'), /string request_id = 6;/);
  });

  it('deploys, is watched to success, and is asked how it went, by grpcurl', async () => {
    const { name, messages } = await applied('told');
    assert.equal(name, `${nameOf('told')}/rollouts/1`);
    assert.equal(messages.at(-1)?.rollout?.state, 'STATE_SUCCEEDED');
    assert.equal(messages.find(({ event }) => event)?.event?.type, 'rollout.requested');
    const { rollout } = await grpcurl.call<{ rollout: { state: string } }>('RolloutService/GetRollout', { name });
    assert.equal(rollout.state, 'STATE_SUCCEEDED');
    const create = (action: object) =>
      grpcurl.call<Receipted>('RolloutService/CreateRollout', {
        ...{ parent: nameOf('told'), requestId: randomUUID() },
        ...action,
      });
    assert.equal((await create({ deploy: { artifact: 'command' } })).receipt.unchanged, true);
    const watch = { name: (await create({ remove: {} })).receipt.rollout };
    const end = await grpcurl.stream<Watched>('RolloutService/WatchRollout', watch);
    assert.equal(end.messages.at(-1)?.rollout?.state, 'STATE_SUCCEEDED');
    assert.deepEqual(await platform.pids('told-test-r1'), []);
  });

  it('is refused with everything that is wrong at once', async () => {
    const refusal = await grpcurl.refused('RolloutService/CreateRollout', {
      parent: 'web/test',
      deploy: { artifact: '' },
      requestId: 'not an id',
      reason: 'x'.repeat(4001),
    });
    assert.equal(refusal.code, INVALID_ARGUMENT);
    const { fieldViolations } = detail(refusal, 'BadRequest') as unknown as { fieldViolations: { field: string }[] };
    const fields = fieldViolations.map(({ field }) => field);
    assert.deepEqual(fields.sort(), ['deploy.artifact', 'parent', 'reason', 'request_id']);
    const { reason, domain } = detail(refusal, 'ErrorInfo');
    assert.deepEqual({ reason, domain }, { reason: 'INVALID', domain: 'supplant.dev' });
  });

  it('is refused what there is not', async () => {
    const create = { parent: nameOf('nobody'), deploy: { artifact: 'command' } };
    assert.equal((await grpcurl.refused('RolloutService/CreateRollout', create)).code, NOT_FOUND);
    const asked = await grpcurl.refused('ServiceService/GetService', { name: nameOf('nobody') });
    assert.equal(asked.code, NOT_FOUND);
    assert.equal(detail(asked, 'ErrorInfo').reason, 'NOT_FOUND');
    assert.deepEqual(await eventsOf('nobody'), []);
  });

  it('is refused a verb that the phase does not allow, for the reason in the table', async () => {
    const { name } = await applied('over');
    for (const [verb, path] of [
      ['promote', 'PromoteRollout'],
      ['abort', 'AbortRollout'],
      ['approve', 'ApproveRollout'],
    ] as const) {
      const rule = VERB_TABLE.closed[verb];
      assert.ok(!rule.legal);
      const rehearsed = await grpcurl.refused(`RolloutService/${path}`, { name, validateOnly: true });
      assert.equal(rehearsed.code, FAILED_PRECONDITION);
      assert.ok(rehearsed.message.endsWith(rule.reason), rehearsed.message);
      const refusal = await grpcurl.refused(`RolloutService/${path}`, { name, requestId: randomUUID() });
      assert.equal(refusal.code, FAILED_PRECONDITION);
      assert.ok(JSON.stringify(refusal).includes(rule.reason), JSON.stringify(refusal));
      detail(refusal, 'PreconditionFailure');
    }
  });

  it('takes a repeated request for one, and refuses its id with other content', async () => {
    const request = application('again', '1', '0.100s');
    const first = await grpcurl.call<Receipted>('ServiceService/ApplyService', request);
    assert.deepEqual(await grpcurl.call<Receipted>('ServiceService/ApplyService', request), first);
    const other = { ...application('again', '2', '0.100s'), requestId: request.requestId };
    const refusal = await grpcurl.refused('ServiceService/ApplyService', other);
    assert.equal(refusal.code, ALREADY_EXISTS);
    assert.equal(detail(refusal, 'ErrorInfo').reason, 'CONFLICT');
    await grpcurl.stream('RolloutService/WatchRollout', { name: first.receipt.rollout });
    assert.equal((await get('again')).service.lastRollout, `${nameOf('again')}/rollouts/1`);
  });

  it('starts nothing when it is only to validate', async () => {
    const request = { ...application('pretend', '1', '0.100s'), validateOnly: true };
    const { receipt } = await grpcurl.call<Receipted>('ServiceService/ApplyService', request);
    assert.equal(receipt.rollout, undefined);
    assert.equal((await grpcurl.refused('ServiceService/GetService', { name: nameOf('pretend') })).code, NOT_FOUND);
    assert.deepEqual(await eventsOf('pretend'), []);
  });

  it('answers what the request would get when it is only to validate', async () => {
    const described = application('foreseen', '1', '0.100s');
    const { name } = await applied('foreseen');
    const parent = nameOf('foreseen');
    const again = { spec: described.spec, validateOnly: true };
    const { receipt } = await grpcurl.call<Receipted>('ServiceService/ApplyService', again);
    assert.deepEqual([receipt.unchanged, receipt.rollout], [true, name]);
    for (const [path, request, code] of [
      ['ServiceService/PinRevision', { name: `${parent}/revisions/9` }, FAILED_PRECONDITION],
      ['ServiceService/MarkRevisionBad', { name: `${parent}/revisions/1` }, FAILED_PRECONDITION],
      ['ServiceService/MarkRevisionBad', { name: `${parent}/revisions/9` }, NOT_FOUND],
      ['RolloutService/CreateRollout', { parent, rollback: {} }, FAILED_PRECONDITION],
    ] as const) {
      const rehearsed = await grpcurl.refused(path, { ...request, validateOnly: true });
      const found = await grpcurl.refused(path, request);
      assert.deepEqual([rehearsed.code, rehearsed.message], [code, found.message], path);
    }
  });

  it('answers curl the same in JSON', async () => {
    const { host, port } = platform.lease().api;
    const authorization = `Bearer ${await platform.token()}`;
    const ask = async (method: string, request: object) => {
      const response = await fetch(`http://${host}:${port}/supplant.v1.${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(request),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const { status, body } = await ask('ServiceService/ApplyService', application('json', '1', '0.100s'));
    assert.equal(status, 200);
    const name = (body as unknown as Receipted).receipt.rollout;
    await platform.until('success', async () => {
      const { rollout } = (await ask('RolloutService/GetRollout', { name })).body as { rollout: { state: string } };
      return rollout.state === 'STATE_SUCCEEDED';
    });
    for (const [method, request, wanted, code] of [
      ['RolloutService/CreateRollout', { parent: 'web', remove: {} }, 400, 'invalid_argument'],
      ['RolloutService/CreateRollout', { parent: nameOf('no'), remove: {} }, 404, 'not_found'],
      ['RolloutService/PromoteRollout', { name }, 400, 'failed_precondition'],
      ['RolloutService/PromoteRollout', { nome: name }, 400, 'invalid_argument'],
    ] as const) {
      const refused = await ask(method, request);
      assert.deepEqual([refused.status, refused.body.code], [wanted, code], method);
    }
  });

  it('goes on where it was when the gateway is killed in the middle of a watch', async () => {
    const apply = application('watched', '1', '4s');
    const { receipt } = await grpcurl.call<Receipted>('ServiceService/ApplyService', apply);
    const name = receipt.rollout ?? '';
    const gateway = platform.partPid('gateway');
    let killed = false;
    const broken = await grpcurl.stream<Watched>('RolloutService/WatchRollout', { name }, ({ rollout }) => {
      if (rollout?.phase !== 'PHASE_BAKE' || killed) return;
      killed = true;
      process.kill(gateway, 'SIGKILL');
    });
    assert.ok(killed);
    assert.equal(broken.refusal?.code, UNAVAILABLE);
    await platform.until('another gateway', async () => {
      const part = platform.lease().parts.gateway;
      if (part === undefined || part.pid === gateway || !isAlive(part)) return false;
      return grpcurl.text('list').then(
        () => true,
        () => false,
      );
    });
    const afterSequence = broken.messages.at(-1)?.sequence;
    const rest = await grpcurl.stream<Watched>('RolloutService/WatchRollout', { name, afterSequence });
    assert.equal(rest.messages.at(-1)?.rollout?.state, 'STATE_SUCCEEDED');
    const seen = [...broken.messages, ...rest.messages].flatMap(({ event }) => (event ? [event] : []));
    assert.ok(rest.messages.some(({ event }) => event));
    assert.deepEqual(
      seen.map(({ sequence, type }) => ({ sequence, type })),
      await eventsOf('watched'),
    );
  });

  it('is refused with nothing started while no worker runs', async () => {
    const request = application('stopped', '1', '0.100s');
    await applied('known');
    const before = await eventsOf('known');
    const create = { parent: nameOf('known'), remove: {}, requestId: randomUUID() };
    const worker = platform.partPid('worker');
    process.kill(worker, 'SIGSTOP');
    try {
      const refusals = await Promise.all([
        grpcurl.refused('ServiceService/ApplyService', request),
        grpcurl.refused('RolloutService/CreateRollout', create),
      ]);
      for (const refusal of refusals) {
        assert.equal(refusal.code, UNAVAILABLE);
        detail(refusal, 'RetryInfo');
      }
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    // The worker is back once it carries something else out; what it found waiting was looked at before that.
    await applied('later');
    assert.deepEqual(await eventsOf('stopped'), []);
    assert.deepEqual(await eventsOf('known'), before);
  });
});
