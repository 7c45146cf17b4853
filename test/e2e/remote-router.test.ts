import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { ask } from '../contract/http.ts';
import { TlsHome, generateToken } from '../routing/tls-home.ts';
import { Installation } from './installation.ts';
import { change, command, notBegun, spec } from './platform.ts';

/** How long a fact may take to show on a machine that does much else, in milliseconds. */
const PATIENCE_MS = 60_000;

describe('a worker whose router is on another machine', () => {
  const service = { name: 'remote', environment: 'test' };
  let installation: Installation;
  let tls: TlsHome;

  before(async () => {
    [installation, tls] = await Promise.all([Installation.start(), TlsHome.make()]);
    await tls.start();
  });

  after(async () => {
    await (installation as Installation | undefined)?.[Symbol.asyncDispose]();
    await (tls as TlsHome | undefined)?.dispose();
  });

  it('says why it waits while the router does not let it in, and has it shift the traffic once it does', async () => {
    const { client } = installation;
    const tokenFile = await tls.write('worker', generateToken());
    const worker = installation.startWorker('remote', {
      env: {
        SUPPLANT_ROUTER: `https://127.0.0.1:${tls.home.adminPort}`,
        SUPPLANT_ROUTER_CA: tls.authority.file,
        SUPPLANT_ROUTER_TOKEN_FILE: tokenFile,
      },
    });
    await worker.ready;
    const warned = await waitUntil(PATIENCE_MS, async () => {
      const log = await readFile(join(installation.folder.logs, 'remote.log'), 'utf8');
      return log.split('\n').some((line) => /"WARN","message":"the router at \S+ takes no orders from here/.test(line));
    });
    assert.ok(warned, 'it says at its start that the router does not let it in');
    const { rollout } = await client.apply(spec(service.name, command('one')), change());
    let last: unknown;
    const explained = await waitUntil(PATIENCE_MS, async () => {
      const found = await client.rollout(service, rollout).catch(notBegun);
      if (!found) return false;
      const { activities = [] } = found;
      last = activities;
      return activities.some(({ lastError = '' }) =>
        lastError.includes('takes no orders from here: the token is not known'),
      );
    });
    assert.ok(explained, `${workflowIds.rollout(service, rollout)} waits: ${JSON.stringify(last)}`);

    await tls.write('worker', tls.token);
    assert.equal((await client.waitForRollout(service, rollout)).outcome, 'succeeded');
    const observed = await tls.client().observe(service);
    assert.deepEqual(
      observed?.targets.map(({ revision, weight }) => [revision, weight]),
      [[1, 100]],
    );
    assert.equal((await ask(observed.address)).body, 'one');

    const removal = await client.remove(service, change());
    assert.equal((await client.waitForRollout(service, removal.rollout)).outcome, 'succeeded');
    assert.equal(await tls.client().observe(service), undefined);
    await worker.end('SIGTERM');
  }).timeout(240_000);
});
