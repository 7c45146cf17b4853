import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import { LOAD_DEFAULTS } from '../../src/domain/experiment/probe.ts';
import { type RunRef, type RunStatus, experimentIds } from '../../src/domain/experiment/run.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { findFreePort } from '../../src/dev/ports.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import type { ExperimentResult } from '../../src/workflows/experiment/experiment.ts';
import { runChangedSignal } from '../../src/workflows/shared/messages.ts';
import { Platform, change, command, spec } from './platform.ts';

const service = { name: 'copied', environment: 'test' };
const key = { name: 'copies', environment: 'test' };

describe('an experiment with copies of a live service', () => {
  let platform: Platform;
  let temporal: Client;
  let store: Store;

  before(async () => {
    platform = await Platform.share();
    temporal = await platform.connectTemporal();
    store = await openStore(platform.folder.store);
  });
  after(async () => {
    await (store as Store | undefined)?.close();
    await (temporal as Client | undefined)?.connection.close();
    await (platform as Platform | undefined)?.dispose();
  });

  /** As a gateway does: on record first, then in Temporal. */
  async function run(described: ExperimentSpec) {
    const { experiments, runs } = store.experiments;
    await experiments.save(described);
    const workflowId = experimentIds.requested(key, randomUUID());
    const at = new Date();
    const deadlineAt = new Date(at.getTime() + described.ttlMs).toISOString();
    const begun = { trigger: 'person', actor: 'tester', at: at.toISOString(), deadlineAt, stacks: 2 } as const;
    const { status } = await runs.begin({ experiment: key, workflowId, ...begun });
    const taskQueue = 'supplant';
    const handle = await temporal.workflow.start('experiment', {
      workflowId,
      taskQueue,
      args: [{ v: 1, experiment: key }],
    });
    return { handle, ref: { experiment: key, run: status.run } satisfies RunRef };
  }

  /** Whatever there is of the experiment's stacks on this machine, by the name. */
  async function leftOf(name: string): Promise<string[]> {
    const state = `${platform.folder.stacks}/state/.pulumi/stacks/test`;
    const files = await readdir(state).catch(() => []);
    const leases = await store.experiments.leases.list();
    return [...files, ...leases.map(({ stack }) => stack)].filter((each) => each.startsWith(`${name}--`));
  }

  it('has them side by side at addresses of their own until it is stopped, and leaves nothing', async () => {
    const { rollout } = await platform.client.apply(spec('copied', command('one')), change());
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'succeeded');
    const like = { kind: 'like', service } as const;
    const patch = { blueprint: { config: command('two').config } };
    const { handle, ref } = await run({
      experiment: key,
      variants: [
        { name: 'same', source: like },
        { name: 'other', source: { ...like, patch } },
      ],
      probes: [
        { kind: 'check', name: 'answers', check: spec('copied', command('one')).checks[0]! },
        { kind: 'load', name: 'load', rate: 20, forMs: 1_000, ...LOAD_DEFAULTS, warmUpMs: 200, status: [200] },
      ],
      compare: { baseline: 'same', confidence: 0.95, tolerance: 0.05 },
      ...{ ttlMs: 600_000, stay: 'until-ttl', overlap: 'skip', budget: { stacks: 2 }, keepMs: 600_000 },
      addresses: { same: await findFreePort(0), other: await findFreePort(0) },
    });
    const status = await untilHeld(handle);
    assert.deepEqual(
      status.variants.map(({ state, like: of }) => [state, of?.revision]),
      [
        ['ready', 1],
        ['ready', 1],
      ],
    );
    const addresses = status.variants.map(({ address }) => formatEndpointUrl(address!));
    assert.deepEqual(await Promise.all(addresses.map(async (url) => (await fetch(url)).text())), ['one', 'two']);
    assert.equal((await platform.pids('copies--same-test-r1')).length, 1);
    assert.equal((await platform.pids('copies--other-test-r1')).length, 1);
    assert.equal((await leftOf('copies')).length >= 4, true);

    await store.experiments.runs.ask(ref, { stop: { by: 'tester', outcome: 'stopped' } });
    await handle.signal(runChangedSignal);
    const ended = ((await handle.result()) as ExperimentResult).status;
    assert.deepEqual([ended.outcome, ended.because], ['stopped', 'stopped by tester']);
    assert.deepEqual(await leftOf('copies'), []);
    for (const name of ['same', 'other']) assert.deepEqual(await platform.pids(`copies--${name}-test-r1`), []);
    for (const url of addresses) await assert.rejects(fetch(url));
    const results = await store.experiments.results.find(ref);
    assert.deepEqual(
      results?.measurements.map((each) => [
        each.probe,
        each.variant,
        each.kind === 'check' ? each.verdict : each.errors,
      ]),
      [
        ['answers', 'other', 'pass'],
        ['answers', 'same', 'pass'],
        ['load', 'other', 0],
        ['load', 'same', 0],
      ],
    );
    assert.deepEqual(
      results.comparisons.map(({ figure, variant, baseline }) => [figure, variant, baseline]).toSorted(),
      [
        ['errors', 'other', 'same'],
        ['latency', 'other', 'same'],
      ],
    );
    // What it was like has not noticed.
    const { status: live, route } = await platform.client.view(service);
    assert.equal(live.live, 1);
    assert.equal(await (await fetch(formatEndpointUrl(route!.address))).text(), 'one');
    assert.equal((await platform.client.verifyAudit()).ok, true);
  });

  async function untilHeld(handle: Awaited<ReturnType<typeof run>>['handle']): Promise<RunStatus> {
    let status: RunStatus | null = null;
    await platform.until('the run holds', async () => {
      status = await handle.query<RunStatus | null>('status');
      assert.equal(status?.outcome, undefined, status?.because);
      return status?.phase === 'hold';
    });
    return status!;
  }
});
