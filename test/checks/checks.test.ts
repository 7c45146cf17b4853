import assert from 'node:assert/strict';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recheck, runCheck } from '../../src/checks/run.ts';
import type { CommandCheck, HttpCheck } from '../../src/domain/checks.ts';
import type { Endpoint } from '../../src/domain/revision.ts';

const timing = { successes: 1, intervalMs: 5, timeoutMs: 5_000, deadlineMs: 50 };
const http = (more: Partial<HttpCheck> = {}): HttpCheck => ({
  kind: 'http',
  name: 'answers',
  path: '/',
  status: [200],
  headers: {},
  ...timing,
  ...more,
});
const command = (argv: string[], more: Partial<CommandCheck> = {}): CommandCheck => ({
  kind: 'command',
  name: 'runs',
  command: argv,
  ...timing,
  ...more,
});
const never = new AbortController().signal;

describe('checks', () => {
  let server: Server;
  let endpoint: Endpoint;
  let asked = 0;
  /** Status codes to answer with, one a request; the last one for ever. */
  let script: number[] = [200];

  before(async () => {
    server = createServer((request, response) => {
      asked += 1;
      if (request.url === '/silent') return;
      const status = script.length > 1 ? script.shift() : script[0];
      response.writeHead(status ?? 500, { 'x-kind': 'test', location: '/elsewhere' });
      response.end('hello, all is well');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = 0;
    script = [200];
  });

  const judge = (check: HttpCheck | CommandCheck, endpoints = [endpoint]) =>
    runCheck(check, { revision: 7, endpoints }, never);

  const faults: { what: string; check: Partial<HttpCheck>; evidence: RegExp }[] = [
    { what: 'status', check: { status: [201, 204] }, evidence: /answered 200, wanted 201 or 204/ },
    { what: 'header', check: { headers: { 'x-kind': 'live' } }, evidence: /sent x-kind: test, wanted live/ },
    { what: 'missing header', check: { headers: { 'x-no': 'y' } }, evidence: /sent x-no: nothing, wanted y/ },
    { what: 'body', check: { bodyContains: 'bye' }, evidence: /sent a body without "bye"/ },
    { what: 'latency', check: { maxLatencyMs: 0 }, evidence: /took \d+ ms, wanted at most 0 ms/ },
    { what: 'silence', check: { path: '/silent', timeoutMs: 30 }, evidence: /did not answer within 30 ms/ },
  ];
  for (const { what, check, evidence } of faults) {
    it(`fails on the wrong ${what}`, async () => {
      const verdict = await judge(http(check));
      assert.equal(verdict.verdict, 'fail');
      assert.match(verdict.evidence, evidence);
      assert.equal(verdict.revision, 7);
    });
  }

  it('passes on what is asked for, all of it', async () => {
    const verdict = await judge(http({ headers: { 'x-kind': 'test' }, bodyContains: 'well', maxLatencyMs: 5_000 }));
    assert.deepEqual([verdict.verdict, verdict.attempts, verdict.passed], ['pass', 1, 1]);
  });

  it('takes a redirect for what it is', async () => {
    script = [302];
    assert.equal((await judge(http())).verdict, 'fail');
    assert.equal((await judge(http({ status: [302] }))).verdict, 'pass');
  });

  it('wants the successes in a row', async () => {
    script = [200, 200, 500, 200, 200, 200];
    const verdict = await judge(http({ successes: 3, deadlineMs: 10_000 }));
    assert.deepEqual([verdict.verdict, verdict.attempts, verdict.passed], ['pass', 6, 5]);
  });

  it('asks every endpoint, and one that refuses fails the check', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const verdict = await judge(http(), [endpoint, { host: '127.0.0.1', port }]);
    assert.equal(verdict.verdict, 'fail');
    assert.match(verdict.evidence, /connection refused/);
    assert.ok(asked > 0);
  });

  it('proves nothing without an endpoint', async () => {
    assert.equal((await judge(http(), [])).verdict, 'inconclusive');
  });

  it('judges a command by its exit code, and shows its last words', async () => {
    const node = process.execPath;
    assert.equal((await judge(command([node, '-e', '']))).verdict, 'pass');
    const failed = await judge(command([node, '-e', "console.error('no luck'); process.exit(3)"]));
    assert.equal(failed.verdict, 'fail');
    assert.match(failed.evidence, /exited with 3: no luck/);
  });

  it('tells a command where the endpoint is', async () => {
    const script = 'process.exit(process.argv[1] === process.argv[2] + ":" + process.argv[3] ? 0 : 1)';
    const check = command([process.execPath, '-e', script, '{url}', 'http://{host}', '{port}']);
    assert.equal((await judge(check)).verdict, 'pass');
  });

  it('is inconclusive when the command cannot be run', async () => {
    const verdict = await judge(command(['no-such-program-here']));
    assert.equal(verdict.verdict, 'inconclusive');
    assert.match(verdict.evidence, /could not be run/);
  });

  it('ends a command that does not end', async () => {
    const check = command([process.execPath, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 });
    const verdict = await judge(check);
    assert.equal(verdict.verdict, 'fail');
    assert.match(verdict.evidence, /did not end within 200 ms/);
  });

  it('stops when it is called off', async () => {
    const controller = new AbortController();
    const running = runCheck(http({ path: '/silent' }), { revision: 1, endpoints: [endpoint] }, controller.signal);
    controller.abort(new Error('called off'));
    await assert.rejects(running, /called off/);
  });

  it('looks again before a proven revision counts as unhealthy', async () => {
    script = [500, 500, 200];
    const blip = await recheck(http(), { revision: 1, endpoints: [endpoint] }, never);
    assert.deepEqual([blip.verdict, blip.attempts], ['pass', 3]);
    script = [500];
    const broken = await recheck(http(), { revision: 1, endpoints: [endpoint] }, never);
    assert.deepEqual([broken.verdict, broken.attempts], ['fail', 3]);
  });
});
