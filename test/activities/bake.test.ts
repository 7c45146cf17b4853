import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type BakeTask, checkActivities } from '../../src/activities/checks.ts';
import { Journal } from '../../src/activities/journal.ts';
import type { HttpCheck, Verdict } from '../../src/domain/checks.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { temporaryPath } from '../audit/temporary-store.ts';

const HOUR_MS = 3_600_000;

const check: HttpCheck = {
  kind: 'http',
  name: 'healthy',
  path: '/',
  status: [200],
  headers: {},
  successes: 1,
  intervalMs: 50,
  timeoutMs: 5_000,
  deadlineMs: 10_000,
};

describe('a bake on a machine whose clock is wrong', () => {
  let server: Server;
  let folder: Awaited<ReturnType<typeof temporaryPath>>;
  let store: Store;
  let asked = 0;

  before(async () => {
    folder = await temporaryPath();
    store = await openStore(folder.path);
    server = createServer((_request, response) => {
      asked += 1;
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await store.close();
    await folder[Symbol.asyncDispose]();
  });

  for (const [name, offset] of [
    ['an hour fast', -HOUR_MS],
    ['an hour slow', HOUR_MS],
  ] as const) {
    it(`lasts as long as it was to, with a clock that is ${name}`, async () => {
      asked = 0;
      const scheduled = Date.now() + offset;
      const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: scheduled });
      const task: BakeTask = {
        ref: { service: { name: 'web', environment: name.replaceAll(' ', '-') }, number: 1, actor: 'ada' },
        subject: { revision: 1, endpoints: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }] },
        checks: [check],
        until: new Date(scheduled + 300).toISOString(),
      };
      const activities = checkActivities(new Journal(store.audit));
      const verdicts: Verdict[] = await environment.run((given: BakeTask) => activities.bake(given), task);
      assert.deepEqual(
        verdicts.map(({ verdict }) => verdict),
        ['pass'],
      );
      // One look at once, and one when the bake is over.
      assert.equal(asked, 2);
    });
  }
});
