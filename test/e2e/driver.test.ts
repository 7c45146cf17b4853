import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { BlueprintError, OperationAborted, ResourceError, StackBusyError } from '../../src/stacks/driver.ts';
import type { StackProgress } from '../../src/stacks/driver.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { ANSWERS_PID, nodeConfig, openDriver, uninterrupted, Workbench } from '../stacks/workbench.ts';

const NEVER_LISTENS = "console.log('warming up'); setInterval(() => {}, 1000)";

describe('stack driver with the real engine', () => {
  let bench: Workbench;
  before(async () => (bench = await Workbench.open({ supervise: false })));
  after(async () => bench.close());

  it('provisions a stack that answers, and destroys it without a trace', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { processes: 2 }));
    const seen: StackProgress[] = [];
    const { endpoints, notes } = await bench.driver.provision(input, uninterrupted(seen));
    assert.equal(new Set(endpoints.map(({ port }) => port)).size, 2);
    const answered = await Promise.all(endpoints.map(async (endpoint) => answer(formatEndpointUrl(endpoint))));
    assert.deepEqual(answered.map(Number).sort(), (await bench.pids()).sort());
    assert.equal(notes.artifact, 'command');
    assert.ok(seen.some(({ operation, inProgress }) => operation === 'up' && inProgress.includes('p1')));
    assert.deepEqual(await bench.driver.list(), [{ project: 'test', stack: 'web-test-r1', resources: 5 }]);

    await bench.driver.destroy(input, uninterrupted());
    assert.deepEqual(await bench.pids(), []);
    assert.deepEqual(await bench.driver.list(), []);
    await bench.driver.destroy(input, uninterrupted());
  });

  it('returns the same outputs when it is asked again, and refuses another input for the same stack', async () => {
    const input = await bench.input(2, nodeConfig(ANSWERS_PID));
    const first = await bench.driver.provision(input, uninterrupted());
    const pids = await bench.pids();
    assert.deepEqual(await bench.driver.provision(input, uninterrupted()), first);
    assert.deepEqual(await bench.pids(), pids);
    const other = { ...input, artifact: 'npm:http-server@14.1.1' };
    await assert.rejects(bench.driver.provision(other, uninterrupted()), /another input; a revision never changes/);
    await bench.driver.destroy(input, uninterrupted());
  });

  it('previews without making anything', async () => {
    const input = await bench.input(3, nodeConfig(ANSWERS_PID));
    const plan = await bench.driver.preview(input, uninterrupted());
    assert.deepEqual(plan.changes, { create: 3 });
    assert.deepEqual(await bench.driver.list(), []);
  });

  it('runs a published npm package, installed once', async () => {
    const config = { args: ['-a', '{host}', '-p', '{port}'], stopGrace: '2s' };
    const input = await bench.input(4, config, 'npm:http-server@14.1.1');
    const { endpoints, notes } = await bench.driver.provision(input, uninterrupted());
    assert.equal(notes.artifact, 'http-server@14.1.1');
    assert.match(await answer(formatEndpointUrl(endpoints[0]!)), /Index of \//);
    await bench.driver.destroy(input, uninterrupted());

    const proof = join(bench.dataDir, 'local-process', 'packages', 'http-server@14.1.1', 'untouched');
    await writeFile(proof, '');
    await bench.driver.provision(await bench.input(5, config, 'npm:http-server@14.1.1'), uninterrupted());
    assert.equal(await readFile(proof, 'utf8'), '');
  });

  it('runs a folder from a copy of it, whose digest it records', async () => {
    const folder = await bench.folder({ 'server.cjs': ANSWERS_PID });
    const input = await bench.input(6, { command: [process.execPath, 'server.cjs'] }, `dir:${folder}`);
    const { endpoints, notes } = await bench.driver.provision(input, uninterrupted());
    assert.match(JSON.stringify(notes.artifact), /^"sha256:[0-9a-f]{64}"$/);
    assert.notEqual(notes.directory, folder);
    assert.ok((await bench.pids()).includes(Number(await answer(formatEndpointUrl(endpoints[0]!)))));
  });

  it('says why a process did not start, with the end of its log, and leaves none of it', async () => {
    const source = "console.log('reading settings'); console.error('DATABASE is not set'); process.exit(3)";
    const input = await bench.input(7, nodeConfig(source));
    const before = await bench.pids();
    await assert.rejects(bench.driver.provision(input, uninterrupted()), (error: unknown) => {
      assert.ok(error instanceof ResourceError);
      assert.match(error.message, /^process p1 exited with code 3 before it listened on 127\.0\.0\.1:\d+/);
      assert.match(error.message, /reading settings\nDATABASE is not set$/);
      return true;
    });
    assert.deepEqual(await bench.pids(), before);
    await bench.driver.destroy(input, uninterrupted());
  });

  it('gives a process up that does not listen in time', async () => {
    const input = await bench.input(8, nodeConfig(NEVER_LISTENS, { startTimeout: '500ms' }));
    const failing = bench.driver.provision(input, uninterrupted());
    await assert.rejects(failing, /ResourceError: process p1 was given up after 0\.5 s.*\nwarming up$/);
    await bench.driver.destroy(input, uninterrupted());
  });

  it('hands on variables that are called like what every object has', async () => {
    const env = Object.fromEntries(['toString', 'constructor', 'valueOf'].map((name) => [name, `my ${name}`]));
    const show =
      "require('http').createServer((q, s) => s.end(Object.keys(process.env).map((name) => name + '=' + process.env[name]).join('\\n'))).listen(process.env.PORT, process.env.HOST)";
    const input = await bench.input(1, nodeConfig(show, { env, passEnv: ['hasOwnProperty'] }));
    const { endpoints } = await bench.driver.provision(input, uninterrupted());
    const told = await (await fetch(formatEndpointUrl(endpoints[0]!))).text();
    for (const [name, text] of Object.entries(env)) assert.ok(told.split('\n').includes(`${name}=${text}`), name);
    assert.doesNotMatch(told, /hasOwnProperty/);
    await bench.driver.destroy(input, uninterrupted());
  });

  it('tells all faults of a config without an engine', async () => {
    const config = { command: [], processes: 0, env: { PORT: '1' }, colour: 'red' };
    const { faults } = await bench.driver.describe({ name: 'local-process', config }, 'npm:http-server@^14');
    assert.deepEqual(
      faults.map(({ path }) => path).sort(),
      ['artifact', 'command', 'colour', 'env.PORT', 'processes']
        .map((path) => (path === 'artifact' ? path : `blueprint.config.${path}`))
        .sort(),
    );
    const lost = JSON.parse('{ "command": ["node"], "env": { "__proto__": "x" } }') as JsonObject;
    const refused = await bench.driver.describe({ name: 'local-process', config: lost }, 'npm:http-server@14.1.1');
    assert.match(refused.faults.map(({ message }) => message).join(), /another name.*__proto__/);
    const unknown = await bench.driver.describe({ name: 'aws-ecs', config: {} }, 'command');
    assert.deepEqual(unknown.faults, [
      { path: 'blueprint.name', message: "'aws-ecs' is not known here; known are local-process" },
    ]);
    await assert.rejects(bench.driver.provision(await bench.input(9, config), uninterrupted()), BlueprintError);
  });

  it('refuses to make a revision from another blueprint than the one it was decided on', async () => {
    const input = await bench.input(10, nodeConfig(ANSWERS_PID));
    const older = { ...input, blueprint: { ...input.blueprint, digest: '0'.repeat(64) } };
    await assert.rejects(bench.driver.provision(older, uninterrupted()), /BlueprintError: .*000000000000, but/);
  });

  it('stops cleanly when it is aborted in the middle of a create', async () => {
    const input = await bench.input(11, nodeConfig(NEVER_LISTENS));
    const before = await bench.pids();
    const aborting = new AbortController();
    const running = bench.driver.provision(input, {
      signal: aborting.signal,
      onProgress: ({ inProgress }) => {
        if (inProgress.includes('p1')) aborting.abort();
      },
    });
    await assert.rejects(running, OperationAborted);
    assert.deepEqual(await bench.pids(), before);
    await assert.rejects(
      bench.driver.provision(input, { ...uninterrupted(), signal: aborting.signal }),
      OperationAborted,
    );
    await bench.driver.destroy(input, uninterrupted());
  });

  it('works on several stacks at once, and on each only once, across drivers too', async () => {
    const inputs = await Promise.all([12, 13].map(async (revision) => bench.input(revision, nodeConfig(ANSWERS_PID))));
    const other = await openDriver(bench.dataDir, { supervise: false });
    try {
      const running = inputs.map(async (input) => bench.driver.provision(input, uninterrupted()));
      await assert.rejects(other.provision(inputs[0]!, uninterrupted()), StackBusyError);
      await assert.rejects(bench.driver.destroy(inputs[1]!, uninterrupted()), StackBusyError);
      const ports = (await Promise.all(running)).map(({ endpoints }) => endpoints[0]!.port);
      assert.equal(new Set(ports).size, 2);
      await Promise.all(inputs.map(async (input) => other.destroy(input, uninterrupted())));
    } finally {
      await other.close();
    }
  });

  it('stops cleanly what is under way when it is closed', async () => {
    const input = await bench.input(15, nodeConfig(NEVER_LISTENS));
    const before = await bench.pids();
    let closing: Promise<void> | undefined;
    const running = bench.driver.provision(input, {
      signal: new AbortController().signal,
      onProgress: ({ inProgress }) => {
        if (inProgress.includes('p1')) closing ??= bench.driver.close();
      },
    });
    await assert.rejects(running, OperationAborted);
    await closing;
    assert.deepEqual(await bench.pids(), before);
    await assert.rejects(bench.driver.destroy(input, uninterrupted()), OperationAborted);
    await bench.reopen();
    await bench.driver.destroy(input, uninterrupted());
  });

  it('leaves processes running when it is closed, and revives them when it is back', async () => {
    const input = await bench.input(14, nodeConfig(ANSWERS_PID));
    const [endpoint] = (await bench.driver.provision(input, uninterrupted())).endpoints;
    const pid = Number(await answer(formatEndpointUrl(endpoint!)));
    await bench.driver.close();
    assert.equal(Number(await answer(formatEndpointUrl(endpoint!))), pid);
    process.kill(pid, 'SIGKILL');
    await bench.reopen({ supervise: true });
    let revived = pid;
    const askAgain = async (): Promise<boolean> => {
      revived = await answer(formatEndpointUrl(endpoint!)).then(Number, () => pid);
      return revived !== pid;
    };
    assert.ok(await waitUntil(10_000, askAgain));
    assert.ok((await bench.pids()).includes(revived));
    await bench.driver.destroy(input, uninterrupted());
    assert.ok(!(await bench.pids()).includes(revived));
  });

  it('refuses a passphrase other than the first, before anything is written', async () => {
    const path = join(bench.dataDir, 'passphrase');
    const right = await readFile(path, 'utf8');
    await writeFile(path, 'a guess\n');
    await assert.rejects(openDriver(bench.dataDir), /is not the one that the state was encrypted with/);
    await writeFile(path, right);
  });
});

async function answer(url: string): Promise<string> {
  return (await fetch(url)).text();
}
