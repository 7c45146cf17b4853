import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AnalysisTask } from '../../src/activities/analysis-watch.ts';
import { type BakeTask, bakeActivities } from '../../src/activities/bake.ts';
import type { BakeProgress } from '../../src/activities/bake-looks.ts';
import { Journal } from '../../src/activities/journal.ts';
import type { BakeCounts } from '../../src/domain/evidence/bake-counts.ts';
import type { Verdict } from '../../src/domain/evidence/checks.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { CountedTraffic } from '../doubles/counted-traffic.ts';
import { LIMIT, counted } from '../domain/evidence/judge/samples.ts';
import { revision, spec } from '../workflow/samples.ts';

const service = { name: 'web', environment: 'test' };
const MINUTE_MS = 60_000;

/** Counts as the router has them, after so many requests. */
function served(requests: number, errors = 0): BakeCounts {
  return { requests: { served: requests, failed: 0, series: counted(requests, errors) } };
}

describe('a bake whose worker was lost', () => {
  let server: Server;
  let store: Store;
  let traffic: CountedTraffic;

  before(async () => {
    store = await openStore(':memory:');
    server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await store.catalogue.saveService(spec(service), 1);
    const record = { ...revision(spec(service), 1), checks: [] };
    await store.catalogue.saveRevision(
      { ...record, state: 'ready', since: new Date().toISOString(), endpoints: [] },
      1,
    );
  });
  after(async () => {
    server.close();
    await store.close();
  });
  beforeEach(() => (traffic = new CountedTraffic()));

  /** More requests with each look. */
  function growing(by: number, errors = 0): void {
    traffic = new CountedTraffic();
    const observe = traffic.observe.bind(traffic);
    let looks = 0;
    traffic.observe = async (asked) => {
      looks += 1;
      traffic.counts = served(looks * by, looks * errors);
      return observe(asked);
    };
  }

  /** The second attempt, whose bake was over a moment before it, and lasted `lastedMs`. */
  async function takenOver(
    more: Partial<BakeTask>,
    { told, lastedMs = MINUTE_MS }: { told?: Partial<BakeProgress>; lastedMs?: number } = {},
  ): Promise<string[]> {
    const scheduled = Date.now();
    const environment = new MockActivityEnvironment({
      ...{ attempt: 2, currentAttemptScheduledTimestampMs: scheduled },
      ...(told ? { heartbeatDetails: told } : {}),
    });
    const { port } = server.address() as AddressInfo;
    const task: BakeTask = {
      ...{ ref: { service, number: 1, actor: 'ada' }, router: DEFAULT_ROUTER },
      subject: { revision: 1, endpoints: [{ host: '127.0.0.1', port }] },
      since: new Date(scheduled - 1 - lastedMs).toISOString(),
      until: new Date(scheduled - 1).toISOString(),
      before: { served: 0, failed: 0, series: counted(0, 0) },
      ...more,
    };
    const activities = bakeActivities(store.catalogue, traffic, traffic, new Journal(store.audit));
    const verdicts: Verdict[] = await environment.run((given: BakeTask) => activities.bake(given), task);
    return verdicts.map(({ check, verdict, evidence }) => `${check} ${verdict}: ${evidence}`);
  }

  const analysis = (since?: { candidate: ReturnType<typeof counted> }): AnalysisTask => ({
    ...{ spec: LIMIT, step: 1, subject: { revision: 1, earlier: { worth: 0, step: 1, of: 1 } } },
    ...(since ? { counted: since } : {}),
  });

  it('is judged by what the router has counted since it began, where nothing was heard of the first attempt', async () => {
    traffic.counts = served(250, 1);
    const found = await takenOver({ analysis: analysis({ candidate: counted(50, 0) }) });
    assert.match(found.join(), /error limit pass: 1 of 200 requests to r1/);
    traffic.counts = served(250, 190);
    const bad = await takenOver({ analysis: analysis({ candidate: counted(50, 0) }) });
    assert.match(bad.join(), /error limit fail: 190 of 200 requests to r1/);
  });

  it('goes on where nobody has looked, until what was missed is made up for', async () => {
    growing(200);
    assert.match((await takenOver({ analysis: analysis() })).join(), /error limit pass: \d+ of \d+ requests to r1/);
    growing(200, 190);
    assert.match((await takenOver({ analysis: analysis() })).join(), /error limit fail: 380 of 400 requests to r1/);
  });

  it('goes on for the requests that it needs, and that a router which began afresh has not counted', async () => {
    growing(2);
    const before = { served: 1_000, failed: 0, series: counted(1_000, 0) };
    const until = new Date(Date.now() - 1).toISOString();
    const found = await takenOver({ before, requests: { least: 5, until } });
    assert.match(found.join(), /least requests pass: 6 of 5 requests came/);
  });

  it('is no pass where nothing comes in the time that was missed', async () => {
    traffic.counts = served(0);
    const found = await takenOver({ analysis: analysis() }, { lastedMs: 1_000 });
    assert.match(found.join(), /error limit inconclusive: r1 had 0 requests; it takes \d+/);
  });

  it('waits for nothing more where the first attempt has told all but the last moment', async () => {
    growing(1);
    const at = new Date(Date.now() - 50).toISOString();
    const told = { at, last: served(0), sum: served(0) };
    const until = new Date(Date.now() - 1).toISOString();
    const found = await takenOver({ requests: { least: 5, until } }, { told });
    assert.match(found.join(), /least requests inconclusive: \d of 5 requests came/);
  });

  it('fails for a process that ended since it began, and not for one that had ended before', async () => {
    const ends = (agoMs: number): CountedTraffic => {
      traffic = new CountedTraffic();
      traffic.counts = { ...served(0), restarts: 3, lastEnd: 'exited with code 1' };
      traffic.lastEndAt = new Date(Date.now() - agoMs).toISOString();
      return traffic;
    };
    ends(MINUTE_MS / 2);
    assert.match(
      (await takenOver({})).join(),
      /process restarts fail: a process of r1 ended and was started again, once/,
    );
    ends(2 * MINUTE_MS);
    assert.match((await takenOver({})).join(), /process restarts pass: no process of r1 ended/);
  });
});
