import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CommandMetric, HttpJsonMetric, MetricSpec } from '../../../src/domain/evidence/metric-spec.ts';
import { MetricQueryError, MetricsUnavailableError } from '../../../src/evidence/metrics/provider.ts';
import { createMetricProviders } from '../../../src/evidence/metrics/registry.ts';

const SECRET = 'correct-horse-battery';
const limit = { name: 'errors', atMost: 0.5, leastSamples: 1 };
const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:01:30.000Z' };

describe('how metrics are asked for', () => {
  let answer: RequestListener;
  let spec: HttpJsonMetric;
  const server = createServer((request, response) => answer(request, response));

  before(async () => {
    process.env.SUPPLANT_TEST_METRIC_TOKEN = SECRET;
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{service}`;
    const headers = { Authorization: { secret: 'env:SUPPLANT_TEST_METRIC_TOKEN' }, 'X-Team': 'shop' };
    spec = { kind: 'http-json', url, value: '$', headers, ...limit };
  });
  after(() => {
    delete process.env.SUPPLANT_TEST_METRIC_TOKEN;
    server.closeAllConnections();
    server.close();
  });

  async function read(metric: MetricSpec) {
    const subject = { service: { name: 'web', environment: 'test' }, revision: 2, endpoints: [] };
    return (await createMetricProviders().readMetric(metric, subject, window))[0]!;
  }

  /** What is said where there is no number; it never has the secret in it. */
  async function refusalOf(metric: MetricSpec, kind: new (message: string) => Error): Promise<string> {
    const error: unknown = await read(metric).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof kind, String(error));
    assert.ok(!error.message.includes(SECRET), error.message);
    return error.message;
  }

  const command = (...run: string[]): CommandMetric => ({
    ...{
      kind: 'command',
      command: run,
      env: { TOKEN: { secret: 'env:SUPPLANT_TEST_METRIC_TOKEN' }, PLAIN: 'as-it-is' },
    },
    ...{ timeoutMs: 10_000, ...limit },
  });

  it('takes secrets from where they are, and nothing of them into what is told', async () => {
    const sent: (string | undefined)[] = [];
    answer = ({ headers }, response) => {
      sent.push(headers.authorization, String(headers['x-team']));
      response.end('1');
    };
    const reading = await read(spec);
    assert.deepEqual(sent, [SECRET, 'shop']);
    assert.ok(!JSON.stringify(reading).includes(SECRET));
    assert.equal(
      (await read(command('sh', '-c', 'test "$TOKEN$PLAIN" = correct-horse-batteryas-it-is && echo 3'))).value,
      3,
    );
  });

  it('says in its own words why a place refuses, without secrets', async () => {
    answer = ({ headers }, response) => response.writeHead(400).end(`no ${headers.authorization}`);
    assert.match(await refusalOf(spec, MetricQueryError), /\/web answered 400: "no \[env Authorization\]"$/);
    answer = ({ headers }, response) => response.writeHead(503).end(`not now, ${headers.authorization}`);
    assert.match(await refusalOf(spec, MetricsUnavailableError), /answered 503: "not now, \[env Authorization\]"$/);
    const failing = command('sh', '-c', 'echo "error: $TOKEN is old" >&2; exit 3');
    assert.match(await refusalOf(failing, MetricsUnavailableError), /^sh exited with 3: error: \[env TOKEN\] is old$/);
  });

  it('follows no redirect, which credentials would go along with', async () => {
    answer = ({ url }, response) => {
      if (url === '/web') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end('1');
    };
    assert.match(await refusalOf(spec, MetricsUnavailableError), /answered 302 and leads to \/elsewhere, which is not/);
  });

  it('takes no answer without an end', async () => {
    answer = (_request, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('1'.repeat(65_536), more);
      };
      more();
    };
    assert.match(
      await refusalOf(spec, MetricQueryError),
      /answered more than 1048576 bytes; ask for the number alone$/,
    );
  });

  it('takes an answer that breaks off for none', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('1', () => response.destroy());
    };
    assert.match(await refusalOf(spec, MetricsUnavailableError), /gave no answer: /);
  });

  it('says that a secret cannot be had', async () => {
    const headers = { Authorization: { secret: 'file:/nowhere/token' } };
    assert.match(
      await refusalOf({ ...spec, headers }, MetricsUnavailableError),
      /^the secret file:\/nowhere\/token cannot be read: /,
    );
  });

  it('ends a command that takes too long, and says what it needs to run at all', async () => {
    const slow = { ...command('sleep', '600'), timeoutMs: 50 };
    assert.equal(await refusalOf(slow, MetricsUnavailableError), 'sleep did not end within 50 ms');
    const homeless = { ...command('true'), workingDirectory: '/nowhere' };
    assert.match(await refusalOf(homeless, MetricQueryError), /its folder \/nowhere is not there$/);
  });

  it('says of a kind that only a newer version knows which there are', async () => {
    const newer = { ...spec, kind: 'oracle' } as unknown as MetricSpec;
    assert.match(
      await refusalOf(newer, MetricQueryError),
      /knows no metrics of oracle; it knows .*prometheus, router$/,
    );
  });
});
