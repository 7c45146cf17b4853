import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { waitUntil } from '../../src/host/polling.ts';
import { Installation } from './installation.ts';
import { change, command, notBegun, spec } from './platform.ts';
import type { WorkerProcess } from './worker-process.ts';

const SERVICE = { name: 'web', environment: 'test' };
const LIMIT_MS = 300_000;

describe('a service in a pool', () => {
  let installation: Installation;
  let byDefault: WorkerProcess;

  before(async () => {
    installation = await Installation.start();
  });
  after(async () => {
    await (installation as Installation | undefined)?.[Symbol.asyncDispose]();
  });

  it('waits for a worker of its pool, says so, and is rolled out once there is one', async function () {
    this.timeout(LIMIT_MS);
    const { client } = installation;
    byDefault = installation.startWorker('default');
    await byDefault.ready;
    const described = spec(SERVICE.name, command('one'));
    const inPool = { ...described, blueprint: { ...described.blueprint, pool: 'eu' } };
    const warning =
      'no worker serves pool eu (pools served: default); the rollout waits for a worker that is started with --pool eu';
    assert.deepEqual((await client.apply(inPool, { ...change(), dryRun: true })).warnings, [warning]);
    const { rollout, warnings } = await client.apply(inPool, change());
    assert.deepEqual(warnings, [warning]);
    assert.ok(await waitUntil(LIMIT_MS, async () => (await client.view(SERVICE)).rollout?.wait !== undefined));
    const { wait } = (await client.view(SERVICE)).rollout ?? {};
    assert.match(wait?.on ?? '', /r1: no worker serves pool eu \(pools served: default\)$/);
    assert.match(wait?.endedBy ?? '', /--pool eu; abort$/);

    await installation.startWorker('eu', { args: ['--pool', 'eu', '--pool', 'us'] }).ready;
    assert.equal((await client.waitForRollout(SERVICE, rollout)).outcome, 'succeeded');
    const [host] = await client.hosts.list();
    assert.deepEqual(host?.pools, ['default', 'eu', 'us']);
    assert.equal((await client.view(SERVICE)).status.spec.blueprint.pool, 'eu');
  });

  it('is said of the default pool, too, once its last worker has ended', async function () {
    this.timeout(LIMIT_MS);
    const { client } = installation;
    await byDefault.end('SIGTERM');
    const { rollout, warnings = [] } = await client.apply(spec('other', command('one')), change());
    assert.match(warnings.join(), /^no worker serves pool default \(pools served: eu, us\)/);
    const other = { ...SERVICE, name: 'other' };
    const because = async () => (await client.rollout(other, rollout)).activities?.[0]?.because;
    assert.ok(await waitUntil(LIMIT_MS, async () => Boolean(await because().catch(notBegun))));
    assert.match(
      (await because()) ?? '',
      /^no worker serves pool default .*; it begins with a worker that is started with --pool default$/,
    );

    await installation.startWorker('again').ready;
    assert.equal((await client.waitForRollout(other, rollout)).outcome, 'succeeded');
  });
});
