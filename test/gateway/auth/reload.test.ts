import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@connectrpc/connect';
import { Http2SessionManager, createGrpcTransport } from '@connectrpc/connect-node';
import { createToken } from '../../../src/gateway/auth/create-token.ts';
import { resolveDataFolder } from '../../../src/data-folder.ts';
import { AuditService, type WatchAuditEventsResponse } from '../../../src/contract/gen/supplant/v1/audit_pb.ts';
import { type Store, openStore } from '../../../src/store/store.ts';
import { Authority } from './authority.ts';

const GATEWAY = fileURLToPath(new URL('../../../src/gateway.ts', import.meta.url));
const LOOK_AGAIN_MS = 20;

describe('a gateway whose access file changes', () => {
  const tokens = { ann: createToken({ name: 'ann', role: 'admin' }), bob: createToken({ name: 'bob', role: 'admin' }) };
  let folder: string;
  let store: Store;
  let authority: Authority;
  let gateway: ChildProcess;
  let baseUrl: string;
  let manager: Http2SessionManager;
  let logged: string[];
  const file = (): string => join(folder, 'access.yaml');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-access-'));
    authority = await Authority.make();
    store = await openStore(resolveDataFolder(folder).store);
    await happens('first');
    await writeFile(file(), rules('ann'));
    const pair = await authority.sign('/CN=gateway', ['subjectAltName=IP:127.0.0.1']);
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    await Promise.all([writeFile(certificate, pair.cert), writeFile(key, pair.key)]);
    const options = ['--data', folder, '--listen', '127.0.0.1:0', '--access', file()];
    const command = [GATEWAY, ...options, '--tls-cert', certificate, '--tls-key', key];
    const started = spawn(process.execPath, command, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    gateway = started;
    logged = [];
    createInterface({ input: started.stderr }).on('line', (line) => logged.push(line));
    const [ready] = (await once(createInterface({ input: started.stdout }), 'line')) as [string];
    baseUrl = ready.replace('gateway ready ', 'https://');
    manager = new Http2SessionManager(baseUrl, undefined, { ca: await readFile(authority.file, 'utf8') });
  });
  afterEach(async () => {
    manager.abort();
    if (gateway.exitCode === null) {
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await ended;
    }
    await store.close();
    await Promise.all([authority.remove(), rm(folder, { recursive: true, force: true })]);
  });

  function rules(...names: (keyof typeof tokens)[]): string {
    const known = names.map((name) => `  - { name: ${name}, hash: '${tokens[name].hash}' }`);
    const bound = names.map((name) => `  - { subjects: ['token:${name}'], role: admin, services: ['*/*'] }`);
    return ['apiVersion: supplant.dev/v1', 'kind: Access', 'tokens:', ...known, 'bindings:', ...bound, ''].join('\n');
  }

  async function happens(key: string): Promise<void> {
    await store.audit.append({ key, type: 'test.happened', subject: 'web/test', actor: 'test', data: {} });
  }

  /** All over the one connection. */
  function audit(name: keyof typeof tokens): Client<typeof AuditService> {
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: manager,
      interceptors: [
        (next) => (request) => {
          request.header.set('authorization', `Bearer ${tokens[name].token}`);
          return next(request);
        },
      ],
    });
    return createClient(AuditService, transport);
  }

  async function isKnown(name: keyof typeof tokens): Promise<boolean> {
    try {
      await audit(name).listAuditEvents({});
      return true;
    } catch (error) {
      assert.match(String(error), /\[unauthenticated\]/);
      return false;
    }
  }

  async function becomes(fact: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await fact())) await sleep(LOOK_AGAIN_MS);
  }

  /** As a volume changes its files: another one takes the name. */
  async function becomeRules(...names: (keyof typeof tokens)[]): Promise<void> {
    await writeFile(`${file()}.new`, rules(...names));
    await rename(`${file()}.new`, file());
  }

  type Watch = AsyncIterator<WatchAuditEventsResponse, undefined>;

  async function watch(name: keyof typeof tokens, signal: AbortSignal): Promise<Watch> {
    const messages = audit(name).watchAuditEvents({}, { signal })[Symbol.asyncIterator]() as Watch;
    // It says where it begins, which is after all that has happened.
    await messages.next();
    return messages;
  }

  async function keyOfNext(messages: Watch): Promise<string | undefined> {
    const { value } = await messages.next();
    return value?.update.case === 'event' ? value.update.value.key : undefined;
  }

  it('goes by the new rules from then on, and drops no connection, nor the watch of somebody who still may', async () => {
    const stop = new AbortController();
    const watched = await watch('ann', stop.signal);
    assert.deepEqual([await isKnown('ann'), await isKnown('bob')], [true, false]);
    await becomeRules('ann', 'bob');
    await becomes(() => isKnown('bob'));
    const others = await watch('bob', stop.signal);
    await happens('second');
    assert.equal(await keyOfNext(watched), 'second');

    await becomeRules('bob');
    await becomes(async () => !(await isKnown('ann')));
    await happens('third');
    await assert.rejects(watched.next(), /\[unauthenticated\]/);
    assert.deepEqual([await keyOfNext(others), await keyOfNext(others)], ['second', 'third']);
    assert.equal(manager.state(), 'open');
    stop.abort();
  });

  it('keeps its rules where the file is broken or gone, says why, and takes the next good one', async () => {
    await writeFile(file(), rules('bob').replace('role: admin', 'role: king'));
    await becomes(() => logged.some((line) => line.includes('the rules from before hold on')));
    const [told = ''] = logged.filter((line) => line.includes('hold on'));
    assert.match(told, /access\.yaml:6:\d+: bindings\[0\]\.role: .*king/);
    assert.deepEqual([await isKnown('ann'), await isKnown('bob')], [true, false]);
    await rm(file());
    await becomes(() => logged.some((line) => line.includes('cannot be read (ENOENT)')));
    assert.equal(await isKnown('ann'), true);
    await writeFile(file(), rules('ann', 'bob'));
    await becomes(() => isKnown('bob'));
    assert.equal(await isKnown('ann'), true);
  });

  it('reads the file again when it is told to by SIGHUP, and goes on', async () => {
    gateway.kill('SIGHUP');
    await becomes(() => logged.some((line) => line.includes('as it reads now hold from here on')));
    assert.equal(await isKnown('ann'), true);
  });

  it('cannot ask for certificates all of a sudden, and says so', async () => {
    const more = `certificates: { ca: '${authority.file}' }\n`;
    await writeFile(file(), rules('ann', 'bob') + more);
    await becomes(() => logged.some((line) => line.includes('restart the gateway')));
    assert.deepEqual([await isKnown('ann'), await isKnown('bob')], [true, false]);
  });
});
