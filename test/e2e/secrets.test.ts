import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningProcesses } from '../../blueprints/local-process/inventory.ts';
import { workflowIds } from '../../src/domain/service/requests.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { Installation } from './installation.ts';
import { change, spec } from './platform.ts';

const service = { name: 'web', environment: 'test' };

/** What a text is not found by, but whoever was given it can prove that. */
const fingerprint = (text: string): string => createHash('sha256').update(text).digest('hex');
const ANSWERS = `require('http').createServer((q, s) => s.end(
  require('crypto').createHash('sha256').update(process.env.DB_PASSWORD).digest('hex')
)).listen(process.env.PORT, process.env.HOST)`;
const TELLS = `require('http').createServer((q, s) => { s.statusCode = 500; s.end('no login as ' + process.env.DB_PASSWORD); })
  .listen(process.env.PORT, process.env.HOST)`;
const DIES = `console.error('cannot log in with ' + process.env.DB_PASSWORD); process.exit(3)`;

describe('a secret by reference', () => {
  let installation: Installation;
  let folder: string;
  let file: string;
  const canaries: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-secret-'));
    file = join(folder, 'db.json');
    installation = await Installation.start();
    await installation.startWorker('worker').ready;
  });
  after(async () => {
    await (installation as Installation | undefined)?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function keepNewSecret(): Promise<string> {
    const canary = `canary-${randomBytes(12).toString('hex')}`;
    canaries.push(canary);
    await writeFile(file, JSON.stringify({ user: 'web', password: canary }));
    return fingerprint(canary);
  }

  const described = (source: string) =>
    spec('web', {
      name: 'local-process',
      config: {
        command: [process.execPath, '-e', source],
        env: { DB_PASSWORD: { secret: `file:${file}#password` } },
        startTimeout: '20s',
      },
    });

  async function rollOut(source: string): Promise<RolloutStatus> {
    const { client } = installation;
    const { rollout } = await client.apply(described(source), change());
    return client.waitForRollout(service, rollout);
  }

  async function answered(): Promise<string> {
    const { route } = await installation.client.view(service);
    assert.ok(route);
    return (await fetch(formatEndpointUrl(route.address))).text();
  }

  it('reaches the processes it is meant for, and a restart brings in the one that is kept now', async () => {
    const first = await keepNewSecret();
    assert.equal((await rollOut(ANSWERS)).outcome, 'succeeded');
    assert.equal(await answered(), first);

    const second = await keepNewSecret();
    // What is asked for is the reference, and that is the same.
    assert.equal((await installation.client.apply(described(ANSWERS), change())).unchanged, true);
    const { rollout } = await installation.client.restart(service, change());
    assert.equal((await installation.client.waitForRollout(service, rollout)).outcome, 'succeeded');
    assert.equal(await answered(), second);
  });

  it('is in the environment of these processes, and of no other', async () => {
    const own = new Set((await runningProcesses(installation.folder.stacks)).map(({ pid }) => String(pid)));
    const holders = processesThatHold(canaries);
    assert.deepEqual(
      holders.filter((pid) => !own.has(pid)),
      [],
    );
    assert.equal(holders.length, own.size);
  });

  it('is quoted neither of a check nor of a program that ends', async () => {
    const told = await rollOut(TELLS);
    assert.match(told.because ?? '', /no login as \[env DB_PASSWORD\]/);
    const died = await rollOut(DIES);
    assert.match(died.because ?? '', /cannot log in with \[env DB_PASSWORD\]/);
  });

  it('stands in nothing that is kept, and in nothing that is shown', async () => {
    const { client, temporal } = installation;
    const shown = [
      await client.view(service),
      await client.history(service),
      await client.auditEvents({ limit: 1_000 }),
    ];
    const rollouts = [1, 2, 3, 4].map((number) => workflowIds.rollout(service, number));
    const histories = await Promise.all(
      [workflowIds.service(service), ...rollouts].map((id) => temporal.workflow.getHandle(id).fetchHistory()),
    );
    const payloads = histories.map((history) =>
      JSON.stringify(history).replaceAll(/"data":"([^"]+)"/g, (_all, data: string) =>
        Buffer.from(data, 'base64').toString(),
      ),
    );
    assert.match(payloads.join(), /"endpoints":/);
    for (const text of [JSON.stringify(shown), ...payloads]) assert.deepEqual(found(Buffer.from(text)), []);
    const names = await readdir(installation.folder.root, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    assert.ok(files.some((path) => path.endsWith('temporal.sqlite')));
    assert.ok(files.some((path) => path.includes('/router/')));
    const holding = await Promise.all(
      files.map(async (path) => (found(await readFile(path)).length > 0 ? [path] : [])),
    );
    assert.deepEqual(holding.flat(), []);
  });

  /** The canaries that stand in what was read, as they are, in base64 or in hexadecimal. */
  function found(content: Buffer): string[] {
    return canaries.filter((canary) => {
      const inner = Buffer.from(canary).toString('base64').slice(0, -4);
      return [canary, inner, Buffer.from(canary).toString('hex')].some((form) => content.includes(form));
    });
  }
});

/** By command line or environment. Linux only. */
function processesThatHold(texts: readonly string[]): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.filter((pid) =>
    ['cmdline', 'environ'].some((name) => texts.some((text) => read(`/proc/${pid}/${name}`).includes(text))),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
