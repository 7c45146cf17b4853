import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import type { PreviewRequest } from '../../src/domain/preview/preview.ts';
import type { PreviewView } from '../../src/domain/preview/view.ts';
import { findFreePort } from '../../src/dev/ports.ts';
import { Load } from './load.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'shown', environment: 'test' };

describe('previews of a live service', () => {
  let platform: Platform;

  before(async () => {
    platform = await Platform.share();
    const { rollout } = await platform.client.apply(spec('shown', command('live')), change());
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'succeeded');
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
  });

  function request(branch: string, version: string, over: Partial<PreviewRequest> = {}): PreviewRequest {
    const patch = { blueprint: { config: command(version, { slowMs: 1_500 }).config } };
    return { service, branch, artifact: 'command', patch, ...over };
  }

  function open(asked: PreviewRequest) {
    return platform.client.previews.open(asked, change());
  }

  /** Once that run is where it was to be, with how the preview is then. */
  async function until(branch: string, what: string, fact: (view: PreviewView) => boolean): Promise<PreviewView> {
    let view: PreviewView | undefined;
    await platform.until(what, async () => {
      view = await platform.client.previews.view({ service, branch });
      return fact(view);
    });
    return view!;
  }

  const isUp = (run: number) => (view: PreviewView) =>
    view.state === 'up' && view.runs.at(-1)?.status.run === run && view.runs[0]?.status.phase === 'hold';

  /** Whatever there is of a preview's stacks on this machine, and of leases. */
  async function leftOf(name: string): Promise<string[]> {
    const state = `${platform.folder.stacks}/state/.pulumi/stacks/test`;
    const files = await readdir(state).catch(() => []);
    return files.filter((each) => each.startsWith(`${name}--`));
  }

  it('are there to be looked at, renewed without a failed request, kept by a broken renewal, and gone when closed', async () => {
    const branch = `feature/${randomUUID().slice(0, 6)}`;
    const port = await findFreePort(0);
    const first = await open(request(branch, 'one', { port }));
    assert.equal(first.run, 1);
    const { experiment, url = '' } = await until(branch, 'it is up', isUp(1));
    assert.equal(await (await fetch(url)).text(), 'one');
    assert.equal((await open(request(branch, 'one'))).unchanged, true);

    const load = new Load(url);
    const slow = fetch(`${url}/slow`).then((response) => response.text());
    assert.equal((await open(request(branch, 'two'))).run, 2);
    const renewed = await until(branch, 'it is renewed', isUp(2));
    assert.equal(renewed.url, url);
    await platform.until('the new one is seen', () => load.seen('two') > 0);
    assert.equal(await slow, 'one');
    await platform.until('the one before is over', async () => {
      return (await platform.client.experiments.viewRun({ experiment, run: 1 })).status.outcome === 'replaced';
    });
    assert.deepEqual(await platform.pids(`${experiment.name}--preview-test-r1`), []);

    const patch = { blueprint: { config: command('three', { status: 500 }).config } };
    assert.equal((await open(request(branch, 'three', { patch }))).run, 3);
    const broken = await until(branch, 'the renewal fails', ({ runs }) => runs.at(-1)?.status.outcome !== undefined);
    assert.deepEqual([broken.state, broken.url], ['up', url]);
    assert.match(broken.sentences.at(-1) ?? '', /@3, has failed at .*variant preview is not healthy/);
    assert.equal(await (await fetch(url)).text(), 'two');
    const { failures, answers } = await load.end();
    assert.deepEqual(failures, []);
    assert.deepEqual([...answers.keys()].toSorted(), ['one', 'two']);

    await platform.client.previews.close({ service, branch }, change());
    await platform.until('nothing is left', async () => {
      const pids = await Promise.all([2, 3].map((run) => platform.pids(`${experiment.name}--preview-test-r${run}`)));
      return pids.flat().length === 0 && (await leftOf(experiment.name)).length === 0;
    });
    await platform.until('its run is over', async () => {
      return (await platform.client.experiments.viewRun({ experiment, run: 2 })).status.outcome === 'stopped';
    });
    await assert.rejects(fetch(url));
    assert.deepEqual(await platform.client.previews.list(service), []);
    assert.equal((await platform.client.verifyAudit()).ok, true);
  });

  it('are gone when their time is over, and back at the same place when they are opened again', async () => {
    const branch = `fix/${randomUUID().slice(0, 6)}`;
    await open(request(branch, 'short', { ttlMs: 8_000, port: await findFreePort(0) }));
    const { experiment, url = '' } = await until(branch, 'it is up', ({ state }) => state === 'up');
    assert.equal(await (await fetch(url)).text(), 'short');
    const down = await until(branch, 'it is down', ({ state, runs }) => state === 'down' && runs.length > 0);
    assert.equal(down.runs[0]?.status.outcome, 'succeeded');
    assert.deepEqual(await leftOf(experiment.name), []);
    await assert.rejects(fetch(url));
    await open(request(branch, 'again'));
    const again = await until(branch, 'it is up again', ({ state }) => state === 'up');
    assert.equal(again.url, url);
    assert.equal(await (await fetch(url)).text(), 'again');
    await platform.client.previews.close({ service, branch }, change());
    await platform.until('nothing is left', async () => (await leftOf(experiment.name)).length === 0);
  });
});
