import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import {
  type Catalogue,
  type RevisionRecord,
  type RolloutRecord,
  UnknownServiceError,
} from '../../src/store/catalogue/catalogue.ts';
import { REVISION_STATES } from '../../src/domain/service/revision.ts';
import { OUTCOMES } from '../../src/domain/rollout/rollout.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';

const WEB: ServiceKey = { name: 'web', environment: 'production' };
const API: ServiceKey = { name: 'api', environment: 'production' };
const UNMARKED = { pinned: [], bad: [], holds: [] };
const AT = '2026-01-02T03:04:05.678Z';
const END = '2026-01-02T03:14:05.678Z';

function spec(service: ServiceKey, artifact = 'npm:http-server@14.1.1'): ServiceSpec {
  return {
    service,
    artifact,
    blueprint: { name: 'local-process', config: { args: ['-c-1'], nested: { empty: null, yes: true } } },
    router: { kind: 'embedded', port: 8080 },
    strategy: { kind: 'blue-green', bakeMs: 2000 },
    checks: [
      {
        ...{
          kind: 'http',
          name: 'home',
          path: '/',
          status: [200],
          responseHeaders: { server: { equals: 'x' } },
          bodyContains: 'Grüße',
        },
        ...{ successes: 3, intervalMs: 100, timeoutMs: 1000, deadlineMs: 10_000 },
      },
    ],
    retention: { warm: 1, warmForMs: 60_000 },
  };
}

function revision(number: number, over: Partial<RevisionRecord> = {}): RevisionRecord {
  return {
    service: WEB,
    number,
    artifact: `npm:http-server@14.1.${number}`,
    blueprint: { name: 'local-process', digest: 'sha256:abc', config: { args: ['-c-1'] } },
    checks: spec(WEB).checks,
    requestedBy: 'ada',
    createdAt: AT,
    state: 'provisioning',
    since: AT,
    endpoints: [],
    ...over,
  };
}

function rollout(number: number, over: Partial<RolloutRecord> = {}): RolloutRecord {
  return { service: WEB, number, kind: 'deploy', revision: number, actor: 'ada', startedAt: AT, ...over };
}

/**
 * What every catalogue must do, whatever it stands on.
 *
 * @param open gives a catalogue of its own, empty, each time it is called, with the way to close it
 */
export function catalogueContract(
  name: string,
  open: () => Promise<{ catalogue: Catalogue; close: () => Promise<void> }>,
): void {
  describe(`catalogue contract: ${name}`, () => {
    let catalogue: Catalogue;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ catalogue, close } = await open());
    });
    afterEach(() => close());

    it('knows nothing to begin with', async () => {
      assert.equal(await catalogue.service(WEB), undefined);
      assert.equal(await catalogue.revision(WEB, 1), undefined);
      assert.deepEqual(await catalogue.services(), []);
      assert.deepEqual(await catalogue.revisions(WEB), []);
      assert.deepEqual(await catalogue.rollouts(WEB), []);
    });

    it('gives a service back as it was saved last', async () => {
      await catalogue.saveService(spec(WEB, 'npm:http-server@14.1.0'), 1);
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveService(spec(WEB), 1);
      assert.deepEqual(await catalogue.service(WEB), { spec: spec(WEB), lastRevision: 0, lastRollout: 0, ...UNMARKED });
      assert.equal((await catalogue.services()).length, 1);
    });

    it('tells services and environments apart, and lists them by name', async () => {
      const staging = { ...WEB, environment: 'staging' };
      for (const key of [staging, WEB, API]) await catalogue.saveService(spec(key), 1);
      await catalogue.saveRevision(revision(7), 1);
      await catalogue.saveRollout(rollout(9, { service: staging }));
      const listed = await catalogue.services();
      assert.deepEqual(
        listed.map((record) => [record.spec.service, record.lastRevision, record.lastRollout]),
        [
          [API, 0, 0],
          [WEB, 7, 0],
          [staging, 0, 9],
        ],
      );
      assert.deepEqual(await catalogue.revisions(staging), []);
      assert.deepEqual(await catalogue.rollouts(WEB), []);
    });

    it('keeps what is marked until it is marked otherwise, also when the service is saved again', async () => {
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveMarks(WEB, { pinned: [3, 1], bad: [2] });
      await catalogue.saveService(spec(WEB, 'npm:http-server@14.1.0'), 1);
      const marked = await catalogue.service(WEB);
      assert.deepEqual([marked?.pinned, marked?.bad], [[3, 1], [2]]);
      await catalogue.saveMarks(WEB, { pinned: [], bad: [2] });
      assert.deepEqual((await catalogue.service(WEB))?.pinned, []);
    });

    it('keeps which releases are on hold until it is told otherwise, also when the service is removed and back', async () => {
      const hold = { release: 'f'.repeat(64), revision: 6, rollout: 12, because: 'check "home" failed', since: AT };
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveHolds(WEB, [hold]);
      await catalogue.saveMarks(WEB, { pinned: [], bad: [6] });
      await catalogue.removeService(WEB, AT, 2);
      await catalogue.saveService(spec(WEB, 'npm:http-server@14.1.0'), 3);
      assert.deepEqual((await catalogue.service(WEB))?.holds, [hold]);
      assert.deepEqual((await catalogue.overview(WEB))[0]?.holds, [hold]);
      await catalogue.saveHolds(WEB, []);
      assert.deepEqual((await catalogue.service(WEB))?.holds, []);
    });

    it('keeps with the end of a rollout how much traffic its revision had', async () => {
      await catalogue.saveService(spec(WEB), 1);
      const exposure = { totalMs: 86_400_000_000, pausedMs: 1, cohortMs: 2 };
      await catalogue.saveRollout(rollout(1));
      await catalogue.saveRollout(rollout(1, { endedAt: AT, outcome: 'rolled-back', exposure }));
      await catalogue.saveRollout(rollout(2, { endedAt: AT, outcome: 'failed' }));
      assert.deepEqual(await catalogue.rollout(WEB, 1), rollout(1, { endedAt: AT, outcome: 'rolled-back', exposure }));
      assert.deepEqual(
        (await catalogue.rollouts(WEB)).map((each) => each.exposure),
        [undefined, exposure],
      );
    });

    it('knows that settings are due until they were carried out, unless they were changed again', async () => {
      const [first, second] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z'];
      const due = async () => (await catalogue.service(WEB))?.settingsDue;
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveSpec(spec(WEB));
      assert.equal(await due(), undefined);
      await catalogue.saveSpec(spec(WEB), first);
      await catalogue.saveSpec(spec(WEB), second);
      await catalogue.settleSettings(WEB, first);
      assert.equal(await due(), second);
      await catalogue.saveSpec(spec(WEB));
      assert.equal((await catalogue.overview(WEB))[0]?.settingsDue, second);
      await catalogue.settleSettings(WEB, second);
      assert.equal(await due(), undefined);
      await catalogue.saveSpec(spec(WEB), first);
      await catalogue.removeService(WEB, second, 2);
      assert.equal(await due(), undefined);
    });

    it('never forgets a number, whatever order they were saved in', async () => {
      await catalogue.saveService(spec(WEB), 1);
      for (const number of [2, 11, 9]) await catalogue.saveRevision(revision(number, { state: 'failed' }), 1);
      for (const number of [10, 12, 1]) await catalogue.saveRollout(rollout(number));
      const record = await catalogue.service(WEB);
      assert.deepEqual([record?.lastRevision, record?.lastRollout], [11, 12]);
    });

    it('takes a removed service off the list, keeps its numbers, and has it back when it is saved again', async () => {
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveRevision(revision(3), 1);
      await catalogue.removeService(WEB, AT, 1);
      await catalogue.removeService(WEB, '2027-01-01T00:00:00.000Z', 1);
      assert.deepEqual(await catalogue.services(), []);
      const removed = { spec: spec(WEB), lastRevision: 3, lastRollout: 0, ...UNMARKED, removedAt: AT };
      assert.deepEqual(await catalogue.service(WEB), removed);
      assert.equal((await catalogue.revisions(WEB)).length, 1);
      await catalogue.saveService(spec(WEB), 1);
      assert.deepEqual(await catalogue.services(), [{ spec: spec(WEB), lastRevision: 3, lastRollout: 0, ...UNMARKED }]);
      await catalogue.removeService(API, AT, 1);
      assert.equal(await catalogue.service(API), undefined);
    });

    it('replaces a revision by its number and keeps the others', async () => {
      await catalogue.saveService(spec(WEB), 1);
      await catalogue.saveRevision(revision(1), 1);
      await catalogue.saveRevision(revision(2), 1);
      for (const state of REVISION_STATES) {
        const changed = revision(2, { state, since: AT, endpoints: [{ host: '127.0.0.1', port: 4321 }] });
        await catalogue.saveRevision(changed, 1);
        assert.deepEqual(await catalogue.revision(WEB, 2), changed);
      }
      assert.deepEqual(await catalogue.revision(WEB, 1), revision(1));
      assert.equal((await catalogue.revisions(WEB)).length, 2);
    });

    it('keeps of a baseline what it is a copy of', async () => {
      await catalogue.saveService(spec(WEB), 1);
      const baseline = revision(3, { state: 'ready', copyOf: 1 });
      await catalogue.saveRevision(baseline, 1);
      await catalogue.saveRevision({ ...baseline, state: 'retired' }, 2);
      assert.deepEqual(await catalogue.revision(WEB, 3), { ...baseline, state: 'retired' });
      assert.deepEqual(await catalogue.revisions(WEB), [{ ...baseline, state: 'retired' }]);
    });

    it('takes no late write for a new one: the order counts, not who comes last', async () => {
      await catalogue.saveService(spec(WEB), 20);
      await catalogue.saveService(spec(WEB, 'npm:http-server@14.1.0'), 10);
      assert.equal((await catalogue.service(WEB))?.spec.artifact, spec(WEB).artifact);

      await catalogue.saveRevision(revision(1, { state: 'live' }), 23);
      await catalogue.saveRevision(revision(1, { state: 'provisioning' }), 21);
      assert.equal((await catalogue.revision(WEB, 1))?.state, 'live');
      await catalogue.saveRevision(revision(1, { state: 'retired' }), 23);
      assert.equal((await catalogue.revision(WEB, 1))?.state, 'retired');

      await catalogue.removeService(WEB, AT, 30);
      await catalogue.saveService(spec(WEB), 21);
      assert.equal((await catalogue.service(WEB))?.removedAt, AT);
      await catalogue.saveService(spec(WEB), 40);
      await catalogue.removeService(WEB, AT, 35);
      assert.equal((await catalogue.service(WEB))?.removedAt, undefined);
    });

    it('leaves a rollout that has ended ended, and describes a service anew without touching anything else', async () => {
      await catalogue.saveService(spec(WEB), 10);
      await catalogue.saveRollout(rollout(1, { endedAt: AT, outcome: 'succeeded' }));
      await catalogue.saveRollout(rollout(1));
      assert.equal((await catalogue.rollouts(WEB))[0]?.outcome, 'succeeded');

      await catalogue.removeService(WEB, AT, 30);
      await catalogue.saveSpec(spec(WEB, 'npm:http-server@14.1.0'));
      const { removedAt, spec: described } = (await catalogue.service(WEB))!;
      assert.deepEqual([removedAt, described.artifact], [AT, 'npm:http-server@14.1.0']);
    });

    it('tells how a service is described, and puts an earlier description back', async () => {
      assert.equal(await catalogue.description(WEB), undefined);
      await catalogue.saveService(spec(WEB), 10);
      const first = await catalogue.description(WEB);
      assert.deepEqual(first, { spec: spec(WEB), order: 10 });
      await catalogue.saveService(spec(WEB, 'npm:http-server@14.1.0'), 20);
      await catalogue.restoreDescription(first);
      assert.deepEqual(await catalogue.description(WEB), first);
      await catalogue.removeService(WEB, AT, 15);
      const removed = { ...first, removedAt: AT, order: 15 };
      assert.deepEqual(await catalogue.description(WEB), removed);
      await catalogue.saveService(spec(WEB), 20);
      await catalogue.restoreDescription(removed);
      assert.deepEqual(await catalogue.description(WEB), removed);
    });

    it('adds how a rollout ended, once: who asked, why and when it began stay', async () => {
      await catalogue.saveService(spec(WEB), 1);
      for (const [index, outcome] of OUTCOMES.entries()) {
        const begun = rollout(index + 1, { reason: 'release' });
        await catalogue.saveRollout(begun);
        const end = { endedAt: AT, outcome, because: 'check home failed' };
        await catalogue.saveRollout(rollout(index + 1, { ...end, actor: 'supplant', startedAt: END }));
        await catalogue.saveRollout(rollout(index + 1, { endedAt: END, outcome: 'succeeded' }));
        assert.deepEqual((await catalogue.rollouts(WEB))[0], { ...begun, ...end });
      }
    });

    it('keeps a rollout that makes no revision live', async () => {
      await catalogue.saveService(spec(WEB), 1);
      const remove: RolloutRecord = { service: WEB, number: 1, kind: 'remove', actor: 'ada', startedAt: AT };
      await catalogue.saveRollout(remove);
      assert.deepEqual(await catalogue.rollouts(WEB), [remove]);
    });

    it('lists the newest first, at most as many as asked for, 100 unless told', async () => {
      await catalogue.saveService(spec(WEB), 1);
      for (let number = 1; number <= 105; number += 1) {
        await catalogue.saveRevision(revision(number), 1);
        await catalogue.saveRollout(rollout(number));
      }
      const numbers = (records: { number: number }[]): number[] => records.map((record) => record.number);
      assert.deepEqual(numbers(await catalogue.revisions(WEB, 3)), [105, 104, 103]);
      assert.deepEqual(numbers(await catalogue.rollouts(WEB, 2)), [105, 104]);
      assert.deepEqual(numbers(await catalogue.revisions(WEB)).length, 100);
      assert.deepEqual(numbers(await catalogue.rollouts(WEB)).length, 100);
    });

    it('refuses what belongs to a service that was never saved', async () => {
      const said = /web\/production is not in the catalogue; save the service first/;
      await assert.rejects(catalogue.saveRevision(revision(1), 1), (error) => error instanceof UnknownServiceError);
      await assert.rejects(catalogue.saveRollout(rollout(1)), said);
      assert.deepEqual(await catalogue.revisions(WEB), []);
    });
  });
}
