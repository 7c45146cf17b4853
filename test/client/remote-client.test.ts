import assert from 'node:assert/strict';
import type { RollbackProof } from '../../src/domain/rollback/proof.ts';
import { startServer } from '../../src/gateway/server.ts';
import { ApiError, type ApiErrorReason, type SupplantClient } from '../../src/contract/supplant-client.ts';
import { connectRemote } from '../../src/client/remote-client.ts';
import { VERBS } from '../../src/domain/rollout/verbs.ts';
import { OpenAuthenticator } from '../doubles/open-authenticator.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { BAKING, BAKING_VIEW, HISTORY, SERVICE, SPEC, SUCCEEDED } from '../doubles/sample-views.ts';
import { TestGateway } from '../gateway/gateway.ts';

const EVENT = {
  seq: 1,
  at: BAKING.startedAt,
  key: 'web/production#12/rollout.started/deploy',
  type: 'rollout.started',
  subject: 'web/production',
  rollout: 'web/production#12',
  actor: 'ada',
  data: { kind: 'deploy' },
  previousHash: '0'.repeat(64),
  hash: 'a'.repeat(64),
};

const change = { actor: 'ada@laptop', requestId: 'r-1', reason: 'because' };

async function connected(gateway: TestGateway): Promise<SupplantClient & AsyncDisposable> {
  const client = await connectRemote({ address: gateway.url.replace('http://', '') });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** Everything that a client can be asked, with arguments; what it changes first. */
const ASKS: [string, (client: SupplantClient) => Promise<unknown>][] = [
  ['apply', (client) => client.apply(SPEC, change)],
  ['deploy', (client) => client.deploy(SERVICE, 'npm:x@2', change)],
  ['rollback', (client) => client.rollback(SERVICE, 16, change)],
  ['rollback to the one before', (client) => client.rollback(SERVICE, undefined, change)],
  ['remove', (client) => client.remove(SERVICE, change)],
  ['pin', (client) => client.pin(SERVICE, 16, change)],
  ['unpin', (client) => client.unpin(SERVICE, 16, change)],
  ['markBad', (client) => client.markBad(SERVICE, 16, change)],
  ['removeQueued', (client) => client.removeQueued(SERVICE, 13, change)],
  ...VERBS.filter((verb) => verb !== 'rollback' && verb !== 'approve').map((verb): (typeof ASKS)[number] => [
    verb,
    (client) => client.act(SERVICE, verb, { rollout: 12, ...change }),
  ]),
  ['abort of the one that runs', (client) => client.act(SERVICE, 'abort', { actor: 'ada@laptop', requestId: 'r' })],
  ['services', (client) => client.services()],
  ['view', (client) => client.view(SERVICE)],
  ['rollout', (client) => client.rollout(SERVICE, 12)],
  ['the last rollout', (client) => client.rollout(SERVICE)],
  ['verifyAudit', (client) => client.verifyAudit()],
];

const system: Answers = { views: [BAKING_VIEW], rollouts: [BAKING], history: HISTORY, audit: [EVENT] };

describe('a remote client', () => {
  for (const [what, ask] of ASKS) {
    it(`${what}: asks the system the same, and answers the same, as a local one`, async () => {
      const local = new RecordingClient(system);
      const wanted = await ask(local);
      await using gateway = await TestGateway.start(new RecordingClient(system));
      await using remote = await connected(gateway);
      assert.deepEqual(await ask(remote), wanted);
      assert.deepEqual(gateway.backend.calls, local.calls);
    });
  }

  it('reads what is known of rollbacks, in as many pages as it takes', async () => {
    const run = { experiment: { name: 'web-drill', environment: 'production' }, run: 3 };
    // Some of the same moment, which a page may end between.
    const proofs = Array.from({ length: 620 }, (_, index): RollbackProof => ({
      ...{ service: SERVICE, from: `f${String(index).padStart(3, '0')}`, to: 't', run },
      ...{ fromLabel: 'r5', toLabel: 'r4', at: new Date(2_000_000_000_000 - Math.floor(index / 3)).toISOString() },
      ...(index % 2 === 0 ? { verdict: 'proven' } : { verdict: 'disproven', because: 'it did not start' }),
    }));
    await using gateway = await TestGateway.start({ ...system, proofs });
    await using remote = await connected(gateway);
    assert.deepEqual(await remote.rollbackProofs(SERVICE, 1_000), proofs);
    assert.deepEqual(await remote.rollbackProofs(SERVICE, 2), proofs.slice(0, 2));
  });

  it('reads history and the record, in as many pages as it takes', async () => {
    const audit = Array.from({ length: 1200 }, (_, index) => ({ ...EVENT, seq: index + 1 }));
    await using gateway = await TestGateway.start({ ...system, audit });
    await using remote = await connected(gateway);
    assert.deepEqual(await remote.history(SERVICE), HISTORY);
    const ofRollout = { subject: 'web/production', rollout: 'web/production#12', afterSeq: 100 };
    assert.deepEqual(await remote.auditEvents(ofRollout), audit.slice(100, 1100));
    assert.deepEqual(await remote.auditEvents({ limit: 2 }), audit.slice(0, 2));
    await assert.rejects(remote.auditEvents({ subject: 'web' }), { reason: 'INVALID' });
  });

  for (const reason of ['INVALID', 'NOT_FOUND', 'REFUSED', 'CONFLICT', 'UNAVAILABLE'] satisfies ApiErrorReason[]) {
    it(`fails with ${reason} as a local one does`, async () => {
      const faults = reason === 'INVALID' ? [{ path: 'artifact', message: 'is none' }] : [];
      const error = new ApiError(reason, 'the words for it', { suggestion: 'do this', progress: 'so far', faults });
      await using gateway = await TestGateway.start({ ...system, error });
      await using remote = await connected(gateway);
      await assert.rejects(remote.deploy(SERVICE, 'npm:x@2', change), (found: ApiError) => {
        assert.ok(found instanceof ApiError);
        for (const each of ['reason', 'message', 'suggestion', 'progress', 'faults'] as const) {
          assert.deepEqual(found[each], error[each], each);
        }
        return true;
      });
    });
  }

  it('fails with UNAVAILABLE where nobody listens', async () => {
    const gateway = await TestGateway.start();
    await using remote = await connected(gateway);
    await gateway.server.close(0);
    await assert.rejects(remote.view(SERVICE), { name: 'ApiError', reason: 'UNAVAILABLE' });
    const address = gateway.url.replace('http://', '');
    await assert.rejects(connectRemote({ address }), { name: 'ApiError', reason: 'UNAVAILABLE' });
  });

  it('waits for a rollout while its gateway goes away and another one takes its place', async () => {
    const looked = Promise.withResolvers<undefined>();
    class Going extends RecordingClient {
      status = BAKING;
      override async rollout() {
        looked.resolve(undefined);
        return this.status;
      }
    }
    const backend = new Going(system);
    const gateway = await TestGateway.start(backend);
    await using remote = await connected(gateway);
    const waited = remote.waitForRollout(SERVICE, 12);
    await looked.promise;
    const listen = gateway.server.address;
    await gateway.server.close(0);
    backend.status = SUCCEEDED;
    const log = { info: () => undefined, error: () => undefined };
    const next = await startServer({ backend, listen, log, auth: new OpenAuthenticator() });
    assert.deepEqual(await waited, SUCCEEDED);
    await next.close(0);
  });

  it('waits no longer than its signal lets it', async () => {
    await using gateway = await TestGateway.start(system);
    await using remote = await connected(gateway);
    const end = new AbortController();
    const waited = assert.rejects(remote.waitForRollout(SERVICE, 12, end.signal), { name: 'AbortError' });
    end.abort();
    await waited;
  });
});
