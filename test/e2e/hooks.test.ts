import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { formatApiAddress } from '../../src/host/dev-lease.ts';
import { HOOK_SECRET, HookServer } from '../workflow/hook-server.ts';
import { Platform, change, command, spec } from './platform.ts';

const run = promisify(execFile);

/** As the page on hooks has it. */
const EXAMPLE = /```sh\n([\s\S]*?curl[\s\S]*?)```/.exec(readFileSync('docs/concepts/hooks.md', 'utf8'))?.[1] ?? '';

describe('hooks, and messages that end a deployment', () => {
  let platform: Platform;
  let folder: string;
  let hooks: HookServer;

  before(async () => {
    platform = await Platform.share();
    folder = await mkdtemp(join(tmpdir(), 'supplant-hooks-'));
    await writeFile(join(folder, 'secret'), `${HOOK_SECRET}\n`);
    hooks = await HookServer.start();
  });
  after(async () => {
    await (hooks as HookServer | undefined)?.[Symbol.asyncDispose]();
    await (platform as Platform | undefined)?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const deploy = async (each: ServiceSpec) => (await platform.client.apply(each, change())).rollout;
  const ended = async (each: ServiceSpec, rollout: number) => platform.client.waitForRollout(each.service, rollout);

  it('a hook is asked about the new stack before it has traffic, and stops it', async () => {
    const secret = `file:${join(folder, 'secret')}`;
    const wanted = (version: string): ServiceSpec => ({
      ...spec('hooked', command(version)),
      hooks: [hooks.hook('smoke', { moment: 'before', phase: 'shift', secret })],
    });
    const pages: string[] = [];
    hooks.answers('smoke', async ({ body }) => {
      const [endpoint = ''] = body.data.endpoints as string[];
      pages.push(await (await fetch(endpoint)).text());
      return pages.length === 1 ? { status: 'succeeded' } : { status: 'failed', reason: `it serves ${pages.at(-1)}` };
    });
    assert.equal((await ended(wanted('one'), await deploy(wanted('one')))).outcome, 'succeeded');
    const second = await ended(wanted('two'), await deploy(wanted('two')));
    assert.deepEqual([second.outcome, second.because], ['failed', 'hook smoke, before shift, failed: it serves two']);
    assert.deepEqual(
      second.hooks?.map(({ name, status, calls }) => [name, status, calls]),
      [['smoke', 'failed', 1]],
    );
    assert.deepEqual(pages, ['one', 'two']);
    const { route } = await platform.client.view(wanted('one').service);
    assert.equal(await (await fetch(`http://127.0.0.1:${route?.address.port}/`)).text(), 'one');
    const events = await platform.client.auditEvents({ subject: 'hooked/test' });
    assert.deepEqual(
      events.filter(({ type }) => type === 'hook.answered').map(({ data, reason }) => [data.status, reason]),
      [
        ['succeeded', undefined],
        ['failed', 'it serves two'],
      ],
    );
  });

  it('a message ends a bake, sent by the commands of the document', async () => {
    const secret = `file:${join(folder, 'secret')}`;
    const wanted = (version: string, bakeMs: number): ServiceSpec => ({
      ...spec('watched', command(version), { strategy: { kind: 'blue-green', bakeMs } }),
      rollbackOn: { webhooks: [{ name: 'alerts', secret }] },
    });
    const send = async (): Promise<unknown> => {
      const script = EXAMPLE.replace('/web/production/', '/watched/test/');
      const env = {
        ...process.env,
        SECRET_FILE: join(folder, 'secret'),
        GATEWAY: `http://${formatApiAddress(platform.lease())}`,
      };
      return JSON.parse((await run('sh', ['-euc', script], { env })).stdout);
    };
    assert.equal((await ended(wanted('one', 0), await deploy(wanted('one', 0)))).outcome, 'succeeded');
    assert.equal(((await send()) as { status: string }).status, 'ignored');
    const rollout = await deploy(wanted('two', 3_600_000));
    const { service } = wanted('two', 0);
    await platform.until('it bakes', async () => (await platform.client.rollout(service, rollout)).phase === 'bake');
    assert.deepEqual(await send(), {
      ...{ status: 'aborted', rollout: `watched/test#${rollout}` },
      message: 'gives traffic back to the previous revision, then destroys the new stack',
    });
    const { outcome, because } = await ended(wanted('two', 0), rollout);
    assert.deepEqual([outcome, because], ['aborted', 'aborted by webhook:alerts: 7 % of checkouts fail']);
  });
});
