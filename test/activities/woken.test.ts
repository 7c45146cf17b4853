import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { baselineActivities } from '../../src/activities/baseline.ts';
import { openActivities } from '../../src/activities/open.ts';
import { recordActivities } from '../../src/activities/record.ts';
import { createRecorder } from '../../src/activities/recorder.ts';
import type { Revision } from '../../src/domain/service/revision.ts';
import type { ActiveRevision } from '../../src/domain/service/revision-set.ts';
import { pickSettings } from '../../src/domain/service/service.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { temporaryPath } from '../store/audit/temporary-store.ts';
import { spec } from '../e2e/platform.ts';

const service = { name: 'web', environment: 'test' };
const AT = '2026-11-25T03:00:00.000Z';
const described = spec('web', { name: 'local-process', config: {} });
const ref = { service, number: 2, actor: 'ada' };

const revision = (number: number): Revision => ({
  ...{ service, number, artifact: 'v1', blueprint: { name: 'local-process', config: {}, digest: 'd' }, checks: [] },
  ...{ requestedBy: 'ada', createdAt: AT },
});

/** A paused machine goes on where it was, when its rollout has ended on another one. */
describe('what a machine that wakes had just begun, of a rollout that has ended since,', () => {
  let folder: Awaited<ReturnType<typeof temporaryPath>>;
  let store: Store;

  beforeEach(async () => {
    folder = await temporaryPath();
    store = await openStore(folder.path);
    const { catalogue } = store;
    await catalogue.saveService(described, 1);
    await catalogue.saveRevision({ ...revision(1), state: 'live', since: AT, endpoints: [] }, 1);
    const entry = { number: 2, kind: 'deploy' as const, actor: 'ada', service, revision: revision(2), baseline: 3 };
    const asked = { ...entry, settings: pickSettings(described), queuedAt: AT };
    await catalogue.requests.save({ service, requestId: 'request', fingerprint: 'f'.repeat(16), at: AT, entry: asked });
  });
  afterEach(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
  });

  const activities = () => {
    const recorder = createRecorder(store);
    return {
      ...openActivities(recorder, store.experiments.proofs, store.stops),
      ...baselineActivities(recorder),
      ...recordActivities(recorder),
    };
  };
  const end = (): Promise<void> =>
    activities().close({ ref, kind: 'deploy', startedAt: AT, at: AT, outcome: 'aborted' });
  const opening = { ref, kind: 'deploy' as const, revision: 2, revisionSet: { warm: [] }, at: AT };

  async function expectNothing(number: number): Promise<void> {
    assert.equal(await store.catalogue.revision(service, number), undefined);
    const events = await store.audit.list({ rollout: 'web/test#2' });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['rollout.finished'],
    );
  }

  it('is no revision that is provisioned for ever', async () => {
    await end();
    assert.equal((await activities().open(opening)).artifact, 'v1');
    await expectNothing(2);
  });

  it('is no baseline, either', async () => {
    await end();
    await activities().beginBaseline({ ref, revision: 3, copyOf: 1, at: AT });
    await expectNothing(3);
  });

  describe('settles nothing', () => {
    const standing = (number: number): ActiveRevision => ({
      ...{ revision: { number, label: 'v1', release: 'd' }, endpoints: [], since: AT },
    });
    const since = Date.parse(AT);
    const settle = (now = since - 1_000) =>
      activities().settle({ ref, now, revisionSet: { live: standing(2), warm: [standing(1)] }, retire: [] });
    const states = async (): Promise<unknown[]> =>
      Promise.all([1, 2].map(async (number) => (await store.catalogue.revision(service, number))?.state));

    it('once it is put back', async () => {
      await activities().open(opening);
      await activities().recordPutBack({ ref, stage: 'begun', now: since });
      await assert.rejects(settle(), { type: 'RecordRefused' });
      assert.deepEqual(await states(), ['live', 'provisioning']);
    });

    it('unless a paused machine has recorded that', async () => {
      await activities().open(opening);
      await activities().recordPutBack({ ref, stage: 'begun', now: since });
      await settle(since + 1_000);
      assert.deepEqual(await states(), ['warm', 'live']);
    });

    it('once it is over', async () => {
      await activities().open(opening);
      await end();
      await assert.rejects(settle(), { type: 'RecordRefused' });
      assert.deepEqual(await states(), ['live', 'provisioning']);
    });

    it('but what it has settled before', async () => {
      await activities().open(opening);
      await settle();
      await end();
      await settle();
      assert.deepEqual(await states(), ['warm', 'live']);
    });
  });
});
