import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { waitUntil } from '../../src/host/polling.ts';
import { Installation } from './installation.ts';
import { change, command, spec } from './platform.ts';

const SERVICE = { name: 'web', environment: 'test' };
const LIMIT_MS = 300_000;

describe('a service in a pool', () => {
  let installation: Installation;

  before(async () => {
    installation = await Installation.start();
  });
  after(async () => {
    await (installation as Installation | undefined)?.[Symbol.asyncDispose]();
  });

  it('waits for a worker of its pool, says so, and is rolled out once there is one', async function () {
    this.timeout(LIMIT_MS);
    const { client } = installation;
    await installation.startWorker('default').ready;
    const described = spec(SERVICE.name, command('one'));
    const { rollout } = await client.apply(
      { ...described, blueprint: { ...described.blueprint, pool: 'eu' } },
      change(),
    );
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
});
