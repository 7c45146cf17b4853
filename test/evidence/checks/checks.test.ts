import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recheck, runCheck } from '../../../src/evidence/checks/run.ts';
import type { CommandCheck, HttpCheck } from '../../../src/domain/evidence/checks.ts';
import { createRedactor } from '../../../src/domain/evidence/redaction.ts';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { listProcessIds } from '../../../src/host/marks.ts';
import { waitUntil } from '../../../src/host/polling.ts';

const timing = { successes: 1, intervalMs: 5, timeoutMs: 5_000, deadlineMs: 50 };
const http = (more: Partial<HttpCheck> = {}): HttpCheck => ({
  kind: 'http',
  name: 'answers',
  path: '/',
  status: [200],
  responseHeaders: {},
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
  let body = 'hello, all is well';

  before(async () => {
    server = createServer((request, response) => {
      asked += 1;
      if (request.url === '/silent') return;
      const status = script.length > 1 ? script.shift() : script[0];
      response.writeHead(status ?? 500, { 'x-kind': 'test', location: '/elsewhere' });
      response.end(body);
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
    body = 'hello, all is well';
  });

  const judge = (check: HttpCheck | CommandCheck, endpoints = [endpoint]) =>
    runCheck(check, { revision: 7, endpoints }, never);

  const faults: { what: string; check: Partial<HttpCheck>; evidence: RegExp }[] = [
    { what: 'status', check: { status: [201, 204] }, evidence: /answered 200, wanted 201 or 204/ },
    {
      what: 'header',
      check: { responseHeaders: { 'x-kind': { equals: 'live' } } },
      evidence: /sent x-kind: test, wanted live/,
    },
    {
      what: 'missing header',
      check: { responseHeaders: { 'x-no': { equals: 'y' } } },
      evidence: /sent x-no: nothing, wanted y/,
    },
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
    const verdict = await judge(
      http({ responseHeaders: { 'x-kind': { equals: 'test' } }, bodyContains: 'well', maxLatencyMs: 5_000 }),
    );
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

  it('runs a command in its own folder, and in / where it has none', async () => {
    const prints = 'console.error(process.cwd()); process.exit(1)';
    const ran = async (more: Partial<CommandCheck>) =>
      (await judge(command([process.execPath, '-e', prints], more))).evidence;
    assert.match(await ran({}), /exited with 1: \/$/);
    assert.match(await ran({ workingDirectory: '/usr' }), /exited with 1: \/usr$/);
    const gone = await judge(command(['true'], { workingDirectory: '/no/such/folder' }));
    assert.equal(gone.verdict, 'inconclusive');
    assert.match(gone.evidence, /true could not be run: its folder \/no\/such\/folder is not there/);
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

  it('ends what a command has started with it, at its time-out and at its end', async function () {
    if (process.platform !== 'linux') this.skip();
    const [quick, detached] = [`3${process.pid}.25`, `4${process.pid}.25`];
    // The one is in the command's group, the other in a session of its own and holds the output open.
    const check = command(['sh', '-c', `setsid sleep ${detached} & sleep ${quick}; true`], { timeoutMs: 300 });
    assert.match((await judge(check)).evidence, /did not end within 300 ms/);
    const script = `setsid sleep ${detached} & sleep ${quick} & exit 0`;
    assert.equal((await judge(command(['sh', '-c', script], { timeoutMs: 60_000 }))).verdict, 'pass');
    // What is killed stays in the list of processes until its parent has heard of it.
    const areGone = await waitUntil(5_000, () => sleepers([quick, detached]).length === 0);
    assert.ok(areGone, `still there: ${sleepers([quick, detached]).join(', ')}`);
  });

  it('quotes no value that must not be quoted, of a command or of an answer, also where the quotation ends', async () => {
    const redact = createRedactor([{ name: 'TOKEN', value: 'well, well' }]);
    const subject = { revision: 7, endpoints: [endpoint] };
    const shout = `console.error('${'x'.repeat(295)}well, well'); process.exit(3)`;
    const failed = await runCheck({ ...command([process.execPath, '-e', shout]), redact }, subject, never);
    assert.match(failed.evidence, /xx\[env $/);
    body = `${'y'.repeat(195)}well, well`;
    const refused = await runCheck({ ...http({ status: [201] }), redact }, subject, never);
    assert.match(refused.evidence, /yy\[env/);
  });

  it('quotes no rest of a value that the beginning of a long output was cut off from', async () => {
    const value = `ZZ${'z'.repeat(300)}`;
    const redact = createRedactor([{ name: 'TOKEN', value }]);
    // What is kept of it begins within the first line, which ends with the value's end.
    const shout = `process.stdout.write('${value}'.padEnd(65_600, '.')); process.exit(3)`;
    const told = await runCheck(
      { ...command([process.execPath, '-e', shout]), redact },
      { revision: 7, endpoints: [endpoint] },
      never,
    );
    assert.match(told.evidence, /exited with 3$/);
  });

  it('shows the line of a command that names the cause, not the end of its stack trace', async () => {
    const failed = await judge(command([process.execPath, '-e', "throw new TypeError('no luck')"]));
    assert.match(failed.evidence, /exited with 1: TypeError: no luck$/);
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

/** Processes that sleep for one of these times. */
function sleepers(times: readonly string[]): number[] {
  return listProcessIds().filter((pid) => {
    try {
      const [program, time = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return program === 'sleep' && times.includes(time);
    } catch {
      return false;
    }
  });
}
