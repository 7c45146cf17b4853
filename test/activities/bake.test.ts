import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type BakeTask, bakeActivities } from '../../src/activities/bake.ts';
import type { BakeProgress } from '../../src/activities/bake-looks.ts';
import { Journal } from '../../src/activities/journal.ts';
import type { HttpCheck, Verdict } from '../../src/domain/evidence/checks.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import { type FailureLimit, countAllowedUnanswered } from '../../src/domain/service/strategy.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { CountedTraffic } from '../doubles/counted-traffic.ts';
import { revision, spec } from '../workflow/samples.ts';

const HOUR_MS = 3_600_000;

const check: HttpCheck = {
  kind: 'http',
  name: 'healthy',
  path: '/',
  status: [200],
  responseHeaders: {},
  successes: 1,
  intervalMs: 50,
  timeoutMs: 5_000,
  deadlineMs: 10_000,
};

/** The record, with what the task's revision has to prove. */
async function recorded({ catalogue }: Store, { ref, until }: BakeTask): Promise<Store['catalogue']> {
  const record = { ...revision(spec(ref.service), 1), checks: [check] };
  await catalogue.saveService(spec(ref.service), 1);
  await catalogue.saveRevision({ ...record, state: 'ready', since: until, endpoints: [] }, 1);
  return catalogue;
}

describe('a bake on a machine whose clock is wrong', () => {
  let server: Server;
  let store: Store;
  let asked = 0;

  before(async () => {
    store = await openStore(':memory:');
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
        router: DEFAULT_ROUTER,
        subject: { revision: 1, endpoints: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }] },
        until: new Date(scheduled + 300).toISOString(),
      };
      const traffic = new CountedTraffic();
      const activities = bakeActivities(await recorded(store, task), traffic, traffic, new Journal(store.audit));
      const verdicts: Verdict[] = await environment.run((given: BakeTask) => activities.bake(given), task);
      assert.deepEqual(
        verdicts.map(({ verdict }) => verdict),
        ['pass', 'pass', 'pass'],
      );
      // One look at once, and one when the bake is over.
      assert.equal(asked, 2);
    });
  }
});

describe('a bake', () => {
  let server: Server;
  let store: Store;

  before(async () => {
    store = await openStore(':memory:');
    server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await store.close();
  });

  /** Bakes for a moment; returns the verdicts that are none of a check's, as `name result evidence`. */
  async function baked(traffic: CountedTraffic, more: Partial<BakeTask> = {}, told?: Partial<BakeProgress>) {
    const scheduled = Date.now();
    const environment = new MockActivityEnvironment({
      currentAttemptScheduledTimestampMs: scheduled,
      ...(told ? { heartbeatDetails: told, attempt: 2 } : {}),
    });
    const task: BakeTask = {
      ref: { service: { name: 'web', environment: 'test' }, number: 1, actor: 'ada' },
      router: DEFAULT_ROUTER,
      subject: { revision: 1, endpoints: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port }] },
      until: new Date(scheduled + 100).toISOString(),
      ...more,
    };
    const activities = bakeActivities(await recorded(store, task), traffic, traffic, new Journal(store.audit));
    const verdicts: Verdict[] = await environment.run((given: BakeTask) => activities.bake(given), task);
    assert.deepEqual([verdicts[0]?.check, verdicts[0]?.verdict], ['healthy', 'pass']);
    return verdicts.slice(1).map((each) => `${each.check} ${each.verdict}: ${each.evidence}`);
  }

  it('passes where every request was answered and no process ended', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 40, failed: 3 }, restarts: 2 };
    const before = { served: 10, failed: 3 };
    assert.deepEqual(await baked(traffic, { before }), [
      'unanswered requests pass: none of 30 requests',
      'process restarts pass: no process of r1 ended',
    ]);
  });

  it('passes by no metric that nobody has', async () => {
    const latency = { kind: 'cloudwatch', name: 'slow', namespace: 'AWS/ApplicationELB', metric: 'Latency' } as const;
    const metrics = [{ ...latency, statistic: 'p99' as const, atMost: 1, leastSamples: 1 }];
    assert.deepEqual((await baked(new CountedTraffic(), { metrics })).slice(-1), [
      'metric slow inconclusive: r1 has no target group of a load balancer; name the dimensions of slow',
    ]);
  });

  it('fails for one request that the router had to answer itself, while all looks pass', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 31, failed: 1 } };
    const [found, ...others] = await baked(traffic);
    assert.match(found ?? '', /^unanswered requests fail: 1 of 31 requests got no answer from r1; the router answered/);
    assert.deepEqual(others, [], 'a blueprint that cannot know says nothing');
  });

  it('fails for a process that ended and was back before the next look, whichever attempt notices', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 0, failed: 0 }, restarts: 5, lastEnd: 'exited with code 1' };
    const verdicts = await baked(traffic, {}, { last: { restarts: 3 }, sum: {} });
    assert.deepEqual(verdicts, [
      'unanswered requests pass: no request came',
      'process restarts fail: a process of r1 ended and was started again, 2 times; the last one exited with code 1',
    ]);
  });

  it('counts on where the attempt before it left off, also over a start of the router', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 30, failed: 1 }, restarts: 5 };
    const told = {
      last: { requests: { served: 100, failed: 9 }, restarts: 5 },
      sum: { requests: { served: 70, failed: 4 } },
    };
    const [found] = await baked(traffic, {}, told);
    assert.match(found ?? '', /^unanswered requests fail: 5 of 100 requests/);
  });

  it('passes with what the limit allows, and says so', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 2_000, failed: 2 } };
    const at = async (unansweredRequests: FailureLimit['unansweredRequests']): Promise<string | undefined> =>
      (await baked(traffic, { limit: { unansweredRequests, restarts: 0 } }))[0];
    assert.match((await at(2)) ?? '', /^unanswered requests pass: 2 of 2000 requests got no answer .*; 2 may/);
    assert.match((await at('0.1%')) ?? '', /pass: 2 of 2000 .*; 2 may \(failureLimit.unansweredRequests is 0.1%\)$/);
    assert.match((await at(1)) ?? '', /^unanswered requests fail: 2 of 2000 .*; 1 may/);
    assert.match((await at('0.099%')) ?? '', /^unanswered requests fail/);
    const restarts = (allowed: number) =>
      baked(traffic, { limit: { unansweredRequests: 2, restarts: allowed } }, { last: { restarts: 0 }, sum: {} });
    traffic.counts = { ...traffic.counts, restarts: 2 };
    assert.match((await restarts(2))[1] ?? '', /^process restarts pass: .* 2 times; 2 may/);
    assert.match((await restarts(1))[1] ?? '', /^process restarts fail/);
  });

  it('allows one where a share is allowed, and none where it is none', () => {
    const allowed = (unansweredRequests: FailureLimit['unansweredRequests'], served: number): number =>
      countAllowedUnanswered({ unansweredRequests, restarts: 0 }, served);
    assert.deepEqual(
      [allowed('0%', 1_000), allowed('0.1%', 1), allowed('0.1%', 1_999), allowed('0.1%', 2_000)],
      [0, 1, 1, 2],
    );
    assert.deepEqual([allowed('50%', 9), allowed(3, 1)], [4, 3]);
  });

  it('is inconclusive where the router does not list the revision, and tried again where nobody answers', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = {};
    assert.deepEqual(await baked(traffic), ['unanswered requests inconclusive: the router does not list r1']);
    traffic.isAway = true;
    await assert.rejects(baked(traffic), /the router gave no answer/);
  });

  const HOUR_LATER = new Date(Date.now() + HOUR_MS).toISOString();

  it('goes on after its time until the requests have come that it needs', async () => {
    const traffic = new CountedTraffic();
    const observe = traffic.observe.bind(traffic);
    let served = 0;
    traffic.observe = async (service) => {
      traffic.counts = { requests: { served: (served += 2), failed: 0 } };
      return observe(service);
    };
    // Its time was over before it began; two are there by then.
    const until = new Date(0).toISOString();
    assert.deepEqual(await baked(traffic, { until, requests: { least: 5, until: HOUR_LATER } }), [
      'unanswered requests pass: none of 6 requests',
      'least requests pass: 6 of 5 requests came',
    ]);
  });

  it('ends at its first failure, however few requests have come', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 3, failed: 1 } };
    const [found, ...others] = await baked(traffic, { requests: { least: 5, until: HOUR_LATER } });
    assert.match(found ?? '', /^unanswered requests fail: 1 of 3 requests/);
    assert.deepEqual(others, []);
  });

  it('is inconclusive where the requests that it needs do not come in time, or are counted by nobody', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 3, failed: 0 } };
    const until = new Date().toISOString();
    assert.deepEqual(await baked(traffic, { requests: { least: 5, until } }), [
      'unanswered requests pass: none of 3 requests',
      'least requests inconclusive: 3 of 5 requests came',
    ]);
    traffic.counts = { isUncounted: true };
    assert.deepEqual(await baked(traffic, { requests: { least: 5, until: HOUR_LATER } }), [
      'least requests inconclusive: the router does not count the requests of r1, of which 5 are demanded',
    ]);
  });

  it('holds a router that began to count afresh against nothing', async () => {
    const traffic = new CountedTraffic();
    traffic.counts = { requests: { served: 4, failed: 0 } };
    assert.deepEqual(await baked(traffic, { before: { served: 10, failed: 2 } }), [
      'unanswered requests pass: none of 4 requests',
    ]);
  });
});
