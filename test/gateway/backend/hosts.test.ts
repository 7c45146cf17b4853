import assert from 'node:assert/strict';
import { Hosts } from '../../../src/gateway/backend/hosts.ts';
import type { HostBinding } from '../../../src/store/hosts/bindings.ts';
import { type Store, openStore } from '../../../src/store/store.ts';

const [A, B] = ['a-11111111', 'b-22222222'] as const;

describe('hosts behind a gateway', () => {
  let store: Store;
  let bound: HostBinding[];
  let hosts: Hosts;
  beforeEach(async () => {
    store = await openStore(':memory:');
    bound = [{ host: B, project: 'test', stack: 'web-test-r1' }];
    const bindings = {
      listBound: async () => bound,
      unbind: async (host: string) => void (bound = bound.filter((each) => each.host !== host)),
    };
    hosts = new Hosts(async () => ({ audit: store.audit, hosts: store.hosts, catalogue: store.catalogue, bindings }));
  });
  afterEach(() => store.close());

  const change = (more: object = {}) => ({ actor: 'ada', requestId: 'q', reason: 'it burned down', ...more });
  const events = async (): Promise<string[]> => (await store.audit.list()).map(({ type }) => type);

  it('are those that were seen, and those that stacks are bound to', async () => {
    await store.hosts.announce({
      id: A,
      name: 'a',
      version: '0.1.0',
      worker: { id: 'w', pools: ['default'], blueprints: [] },
    });
    const listed = await hosts.list();
    assert.deepEqual(
      listed.map(({ id, state, stackCount }) => [id, state, stackCount]),
      [
        [A, 'live', 0],
        [B, 'unknown', 1],
      ],
    );
  });

  it('are forgotten on record first, and nothing is bound to them any more; a repeat changes nothing', async () => {
    const effect = await hosts.forget(B, change());
    assert.match(effect, /what ran there, 1 stack, is taken to be gone/);
    assert.deepEqual(bound, []);
    const [host] = await hosts.list();
    assert.deepEqual(
      [host?.state, host?.forgotten?.by, host?.forgotten?.reason],
      ['forgotten', 'ada', 'it burned down'],
    );
    const [event, ...more] = await store.audit.list();
    assert.deepEqual(more, []);
    assert.deepEqual(
      [event?.type, event?.actor, event?.reason, event?.data.host],
      ['host.forgotten', 'ada', 'it burned down', B],
    );
    await hosts.forget(B, change());
    assert.equal((await events()).length, 1);
    await assert.rejects(hosts.forget(B, change({ reason: 'another' })), { reason: 'CONFLICT' });
  });

  it('are forgotten with a word about what has traffic there', async () => {
    const service = { name: 'web', environment: 'test' };
    const blueprint = { name: 'local-process', digest: 'sha256:abc', config: {} };
    const spec = {
      ...{ service, artifact: 'command', blueprint, checks: [], router: { kind: 'embedded' as const } },
      strategy: { kind: 'blue-green' as const, bakeMs: 0 },
      retention: { warm: 1, warmForMs: 60_000 },
    };
    await store.catalogue.saveService(spec, 1);
    const at = '2026-11-30T00:00:00.000Z';
    const made = { service, artifact: 'command', blueprint, checks: [], requestedBy: 'ada', createdAt: at, since: at };
    await store.catalogue.saveRevision({ ...made, number: 1, state: 'live', endpoints: [] }, 1);
    await store.catalogue.saveRevision({ ...made, number: 2, state: 'warm', endpoints: [] }, 1);
    bound.push({ host: B, project: 'test', stack: 'web-test-r2' });
    const told = /2 stacks, is taken to be gone.* Live among it: web\/test r1; their routes still lead there/;
    assert.match(await hosts.forget(B, change({ dryRun: true })), told);
    bound.shift();
    assert.doesNotMatch(await hosts.forget(B, change()), /Live among it/);
  });

  it('are not forgotten while a worker is seen, nor by a dry run, nor without a reason', async () => {
    await store.hosts.announce({
      id: A,
      name: 'a',
      version: '0.1.0',
      worker: { id: 'w', pools: ['default'], blueprints: [] },
    });
    await assert.rejects(hosts.forget(A, change()), { reason: 'REFUSED', message: /host a-11111111 is live/ });
    assert.match(await hosts.forget(B, change({ dryRun: true })), /is forgotten/);
    await assert.rejects(hosts.forget(B, { actor: 'ada', requestId: 'q' }), { reason: 'INVALID' });
    assert.deepEqual(await events(), []);
    assert.equal(bound.length, 1);
  });

  it('that nobody knows are refused with those that there are', async () => {
    await assert.rejects(hosts.forget('b-2222222', change()), {
      reason: 'NOT_FOUND',
      suggestion: 'did you mean b-22222222? known are: b-22222222',
    });
  });
});
