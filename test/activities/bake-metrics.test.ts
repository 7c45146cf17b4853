import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type BakeTask, bakeActivities } from '../../src/activities/bake.ts';
import { Journal } from '../../src/activities/journal.ts';
import type { HttpCheck, Verdict } from '../../src/domain/evidence/checks.ts';
import type { MetricSpec, PrometheusMetric } from '../../src/domain/evidence/metric-spec.ts';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import { DEFAULT_ROUTER } from '../../src/domain/service/service.ts';
import type { EmbeddedRouter } from '../../src/routing/embedded/client.ts';
import { type Store, openStore } from '../../src/store/store.ts';
import { ask } from '../contract/http.ts';
import { PrometheusProcess } from '../evidence/metrics/prometheus-process.ts';
import { RouterHome } from '../routing/router-process.ts';
import { revision, spec } from '../workflow/samples.ts';

const HOUR_MS = 3_600_000;
const service = { name: 'web', environment: 'test' };
const check: HttpCheck = {
  ...{ kind: 'http', name: 'healthy', path: '/healthz', status: [200], responseHeaders: {} },
  ...{ successes: 1, intervalMs: 50, timeoutMs: 5_000, deadlineMs: 10_000 },
};
const limit = { name: 'errors', atMost: 0.05, leastSamples: 20 };
const errorRate: MetricSpec = { kind: 'router', series: 'error-rate', ...limit };

describe('metrics of a revision that bakes behind a real router', () => {
  let home: RouterHome;
  let router: EmbeddedRouter;
  let store: Store;
  let server: Server;
  let endpoint: Endpoint;
  let address: Endpoint;
  let number = 0;
  /** Answered to everything but checks. */
  let status: number;

  before(async () => {
    store = await openStore(':memory:');
    home = await RouterHome.make();
    await home.start(['--metrics', '127.0.0.1:0']);
    router = home.client();
    server = createServer(({ url }, response) => {
      response.writeHead(url === '/healthz' ? 200 : status).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    await store.catalogue.saveService(spec(service), 1);
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await router.close();
    await Promise.all([home.dispose(), store.close()]);
  });

  /** A revision of its own, and all of the traffic. */
  beforeEach(async () => {
    status = 200;
    number += 1;
    const record = { ...revision(spec(service), number), checks: [check] };
    await store.catalogue.saveRevision(
      { ...record, state: 'ready', since: new Date().toISOString(), endpoints: [] },
      1,
    );
    const targets = [{ revision: number, endpoints: [endpoint], weight: 100 }];
    ({ address } = await router.apply({ service, generation: number, targets }));
  });

  async function send(requests: number): Promise<void> {
    for (let index = 0; index < requests; index += 1) await ask(address);
  }

  /** The verdicts of metrics in a bake that is over at once unless told, and began a minute ago. */
  async function bake(metrics: MetricSpec[], more: Partial<BakeTask> = {}): Promise<Verdict[]> {
    const scheduled = Date.now();
    const environment = new MockActivityEnvironment({ currentAttemptScheduledTimestampMs: scheduled });
    const task: BakeTask = {
      ...{ ref: { service, number: 1, actor: 'ada' }, router: DEFAULT_ROUTER, metrics },
      subject: { revision: number, endpoints: [endpoint] },
      before: { served: 0, failed: 0 },
      since: new Date(scheduled - 60_000).toISOString(),
      until: new Date(scheduled).toISOString(),
      ...more,
    };
    const routers = { of: async () => Promise.resolve(router) };
    const stacks = { list: async () => Promise.resolve([]) };
    const activities = bakeActivities(store.catalogue, routers, stacks, new Journal(store.audit));
    const verdicts: Verdict[] = await environment.run((given: BakeTask) => activities.bake(given), task);
    return verdicts.filter((verdict) => verdict.check.startsWith('metric '));
  }

  describe('of the router itself', () => {
    it('pass with enough requests that are answered well, and need no set-up', async () => {
      await send(30);
      const slow: MetricSpec = { kind: 'router', series: 'p99', name: 'slow', atMost: 60_000, leastSamples: 20 };
      const [errors, latency] = await bake([errorRate, slow]);
      assert.equal(
        errors?.evidence,
        `the error rate of r${number} by its router is 0, of 30 samples; it may be at most 0.05`,
      );
      assert.deepEqual([errors.verdict, errors.reading], ['pass', { value: 0, samples: 30 }]);
      assert.equal(latency?.verdict, 'pass');
    });

    it('are inconclusive with too few requests', async () => {
      await send(19);
      const [errors] = await bake([errorRate]);
      assert.deepEqual([errors?.verdict, errors?.reading?.samples], ['inconclusive', 19]);
    });

    it('end a bake before its time where a limit is exceeded', async () => {
      status = 500;
      await send(30);
      const [errors] = await bake([errorRate], { until: new Date(Date.now() + HOUR_MS).toISOString() });
      assert.deepEqual([errors?.verdict, errors?.reading], ['fail', { value: 1, samples: 30 }]);
    });

    it('are of the time since the traffic came, not of before', async () => {
      status = 500;
      await send(30);
      status = 200;
      const { served = 0, failed = 0, series } = (await router.observe(service))!.targets[0]!;
      await send(25);
      const [errors] = await bake([errorRate], { before: { served, failed, series: series! } });
      assert.deepEqual(errors?.reading, { value: 0, samples: 25 });
    });
  });

  describe('of a Prometheus that scrapes the router', () => {
    let prometheus: PrometheusProcess | undefined;
    let failing: PrometheusMetric;

    before(async function () {
      if (!PrometheusProcess.isInstalled()) return this.skip();
      prometheus = await PrometheusProcess.start(home.metricsPort);
      const of = (metric: string): string =>
        `sum(increase(supplant_router_${metric}{service="{service}",environment="{environment}",revision="{revision}"}[{window}]))`;
      failing = {
        ...{ kind: 'prometheus', address: prometheus.address, ...limit },
        query: `${of('request_errors_total')} / ${of('requests_total')}`,
        samples: of('requests_total'),
      };
    });
    after(() => prometheus?.stop());

    /** What Prometheus has seen to grow, beyond the first scrape of a series. */
    async function sendUntilSeen(): Promise<void> {
      const series = `{service="web",revision="r${number}"}`;
      await prometheus!.find(`supplant_router_requests_total${series}`, (value) => value === 0);
      await send(60);
      await prometheus!.find(`increase(supplant_router_requests_total${series}[60s])`, (value) => value >= 50);
    }

    it('pass where its numbers are within limits, and say what it was asked', async () => {
      await sendUntilSeen();
      const [errors] = await bake([failing]);
      assert.equal(errors?.verdict, 'pass', errors?.evidence);
      assert.equal(errors.reading?.value, 0);
      assert.match(
        errors.reading.query ?? '',
        new RegExp(`service="web",environment="test",revision="r${number}".*\\[6\\ds\\]`),
      );
    });

    it('fail where they are not', async () => {
      status = 503;
      await sendUntilSeen();
      const [errors] = await bake([failing]);
      assert.deepEqual([errors?.verdict, errors?.reading?.value], ['fail', 1]);
    });

    it('are inconclusive without data, and at once with a query that it refuses', async () => {
      const [errors] = await bake([failing]);
      assert.equal(errors?.verdict, 'inconclusive', errors?.evidence);
      const [wrong] = await bake([{ ...failing, query: 'sum(' }]);
      assert.match(wrong?.evidence ?? '', /bad_data: .*parse error/);
      assert.equal(wrong?.verdict, 'inconclusive');
    });

    it('are inconclusive where it is gone', async () => {
      await prometheus!.stop();
      const [errors] = await bake([failing]);
      assert.match(errors?.evidence ?? '', /gave no answer: .*ECONNREFUSED/);
      assert.equal(errors?.verdict, 'inconclusive');
    });
  });
});
