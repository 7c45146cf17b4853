import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandMetric, HttpJsonMetric, PrometheusMetric } from '../../../src/domain/evidence/metric-spec.ts';
import type { MetricSubject } from '../../../src/evidence/metrics/provider.ts';
import { createMetricProviders } from '../../../src/evidence/metrics/registry.ts';
import { metricProviderContract } from '../../contract/metric-provider.ts';
import { PrometheusProcess } from './prometheus-process.ts';

const subject: MetricSubject = { service: { name: 'web', environment: 'test' }, revision: 2, endpoints: [] };
const limit = { name: 'errors', atMost: 0.5, leastSamples: 10 };

metricProviderContract('the router', async () => {
  const counted: MetricSubject = { ...subject, counted: { requests: 0, errors: 0 } };
  return Promise.resolve({
    ...{ metrics: createMetricProviders(), subject: counted, isAsked: false },
    spec: { kind: 'router', series: 'error-rate', ...limit },
    wrong: { spec: { kind: 'router', series: 'p99', ...limit }, says: /measures no latencies/ },
    have: async (value, samples) => {
      counted.counted = { requests: samples, errors: value * samples };
      return Promise.resolve();
    },
    goAway: async () => {
      delete counted.counted;
      return Promise.resolve();
    },
    dispose: async () => Promise.resolve(),
  });
});

metricProviderContract('JSON over HTTP', async () => {
  let answer: object = { errors: null };
  const server = createServer((request, response) => {
    const isOf = request.url?.startsWith('/web/test/r2?since=20') && request.url.endsWith('Z&for=90s');
    response.writeHead(isOf ? 200 : 404).end(JSON.stringify(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{service}/{environment}/{revision}?since={from}&for={window}`;
  const spec: HttpJsonMetric = { kind: 'http-json', url, value: '$.errors.rate', samples: '$.errors.of', ...limit };
  const end = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  return {
    ...{ metrics: createMetricProviders(), subject, spec, isAsked: true, goAway: end, dispose: end },
    wrong: {
      spec: { ...spec, value: '$.errors' },
      says: /^\$\.errors of http:\S+\/web\/test\/r2 is .*which is no number$/,
    },
    have: async (rate, of) => {
      answer = { errors: { rate, of } };
      return Promise.resolve();
    },
  };
});

metricProviderContract('a command', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'supplant-metric-'));
  const place = (revision: string): string => join(folder, `web-test-${revision}-90s`);
  await writeFile(place('r2'), '');
  const command = ['cat', '{service}-{environment}-{revision}-{window}'];
  const spec: CommandMetric = { kind: 'command', command, workingDirectory: folder, timeoutMs: 10_000, ...limit };
  return {
    ...{ metrics: createMetricProviders(), subject, spec, isAsked: true },
    wrong: { spec: { ...spec, command: ['supplant-is-no-such-program'] }, says: /could not be run: .*ENOENT/ },
    have: async (value, samples) => writeFile(place('r2'), JSON.stringify({ value, samples })),
    goAway: async () => rm(place('r2')),
    dispose: async () => rm(folder, { recursive: true }),
  };
});

describe('a real Prometheus', () => {
  let page = '';
  let services = 0;
  let prometheus: PrometheusProcess | undefined;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page);
  });

  before(async function () {
    if (!PrometheusProcess.isInstalled()) return this.skip();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    prometheus = await PrometheusProcess.start((server.address() as AddressInfo).port);
  });
  after(async () => {
    await prometheus?.stop();
    server.closeAllConnections();
    server.close();
  });

  metricProviderContract('Prometheus', async () => {
    services += 1;
    const service = { name: `web-${services}`, environment: 'test' };
    const labels = `{service="${service.name}",environment="test",revision="r2"}`;
    const of = (metric: string): string =>
      `sum(last_over_time(${metric}{service="{service}",environment="{environment}",revision="{revision}"}[{window}]))`;
    const spec: PrometheusMetric = {
      ...{
        kind: 'prometheus',
        address: prometheus!.address,
        query: of('error_rate'),
        samples: of('requests'),
        ...limit,
      },
    };
    return Promise.resolve({
      ...{ metrics: createMetricProviders(), subject: { ...subject, service }, spec, isAsked: true },
      wrong: { spec: { ...spec, query: 'sum(error_rate' }, says: /bad_data: .*unclosed left parenthesis/ },
      have: async (value, samples) => {
        page = `error_rate${labels} ${value}\nrequests${labels} ${samples}\n`;
        await prometheus!.find(`requests${labels}`, (found) => found === samples);
      },
      // Another place of the same kind: this one is asked by all tests.
      goAway: async () => {
        spec.address = 'http://127.0.0.1:1';
        return Promise.resolve();
      },
      dispose: async () => Promise.resolve(),
    });
  });
});
