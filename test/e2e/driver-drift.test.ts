import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { join } from 'node:path';
import type { DriftFinding } from '../../src/domain/drift/finding.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { waitUntil } from '../../src/host/polling.ts';
import { EngineError, type StackInput, StackBusyError } from '../../src/stacks/driver.ts';
import { leftovers } from '../stacks/leftovers.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** Gives its port away when it is asked to, and lives on. */
const GIVES_WAY = `
const server = require('http').createServer((request, response) => {
  response.setHeader('connection', 'close');
  response.end(String(process.pid));
  if (request.url === '/give-way') server.close();
});
server.listen(process.env.PORT, process.env.HOST);
setInterval(() => {}, 1000);`;

describe('what the stack driver finds to be other than it was made', () => {
  let bench: Workbench;
  afterEach(async () => bench.close());

  const look = (input: StackInput): Promise<DriftFinding[]> => bench.driver.detectDrift(input, uninterrupted());
  const kinds = (findings: DriftFinding[]): string[] => findings.map(({ kind, name }) => `${name} ${kind}`);
  const state = (): Promise<string> =>
    readFile(join(bench.dataDir, 'state', '.pulumi', 'stacks', 'test', 'web-test-r1.json'), 'utf8');

  it('is nothing at first, and the look changes nothing and leaves nothing', async () => {
    bench = await Workbench.open({ supervise: false });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { processes: 2 }));
    await bench.driver.provision(input, uninterrupted());
    const [before, pids] = [await state(), await bench.pids()];
    assert.deepEqual(await look(input), []);
    assert.deepEqual([await state(), await bench.pids()], [before, pids]);
    assert.deepEqual((await leftovers(bench.dataDir)).work, []);
  });

  it('is a process that has ended for good, and not the one beside it', async () => {
    bench = await Workbench.open({ supervise: false });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { processes: 2 }));
    const { endpoints } = await bench.driver.provision(input, uninterrupted());
    const before = await state();
    process.kill(Number(await answer(endpoints[1]!)), 'SIGKILL');
    assert.ok(await waitUntil(5_000, async () => (await bench.pids()).length === 1));
    const [finding, ...others] = await look(input);
    assert.deepEqual(others, []);
    assert.deepEqual(finding, {
      urn: 'urn:pulumi:web-test-r1::test::local-process:index:Process::p2',
      ...{ type: 'local-process:index:Process', name: 'p2', kind: 'gone', properties: [], mark: '' },
    });
    assert.equal(await state(), before);
  });

  it('is no process that its keeper starts again, whichever pid it has, and whenever the look comes', async () => {
    bench = await Workbench.open({ supervise: true });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await bench.driver.provision(input, uninterrupted());
    const [pid = 0] = await bench.pids();
    process.kill(pid, 'SIGKILL');
    assert.deepEqual(await look(input), []);
    assert.ok(!(await bench.pids()).includes(pid));
    assert.deepEqual(await look(input), []);
  });

  it('is another process on its port, said without any value, and the same as long as it stays', async () => {
    bench = await Workbench.open({ supervise: false });
    const secret = 'xK9mPq2vL7zR4wT5';
    const input = await bench.input(1, nodeConfig(GIVES_WAY, { env: { TOKEN: secret } }));
    const [endpoint] = (await bench.driver.provision(input, uninterrupted())).endpoints;
    await answer(endpoint!, '/give-way');
    const stranger = await listen(endpoint!.port);
    try {
      const findings = await look(input);
      assert.deepEqual(kinds(findings), ['p1 changed']);
      assert.deepEqual(findings[0]?.properties, ['port']);
      assert.match(findings[0].mark, /^[0-9a-f]{16}$/);
      assert.doesNotMatch(JSON.stringify(findings), new RegExp(`${secret}|${endpoint!.port}`));
      assert.deepEqual(await look(input), findings);
    } finally {
      stranger.close();
    }
    assert.deepEqual(await look(input), []);
  });

  it('is a folder that somebody has removed', async () => {
    bench = await Workbench.open({ supervise: false });
    const folder = await bench.folder({ 'server.cjs': ANSWERS_PID });
    const input = await bench.input(1, { command: [process.execPath, 'server.cjs'] }, `dir:${folder}`);
    const { notes } = await bench.driver.provision(input, uninterrupted());
    await rm(notes.directory as string, { recursive: true });
    assert.deepEqual(kinds(await look(input)), ['release gone']);
  });

  it('cannot be known where the state of the stack is gone', async () => {
    bench = await Workbench.open({ supervise: false });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await assert.rejects(look(input), EngineError);
  });

  it('is looked for only as long as nobody wants the stack for something else', async () => {
    bench = await Workbench.open({ supervise: false });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await bench.driver.provision(input, uninterrupted());
    // A look waits for a process that has ended to be started again.
    const [pid = 0] = await bench.pids();
    process.kill(pid, 'SIGKILL');
    const begun = Promise.withResolvers<undefined>();
    const onProgress = ({ inProgress }: { inProgress: string[] }): void => {
      if (inProgress.includes('p1')) begun.resolve(undefined);
    };
    const looking = bench.driver.detectDrift(input, { ...uninterrupted(), onProgress });
    await begun.promise;
    const [looked, destroyed] = await Promise.allSettled([looking, bench.driver.destroy(input, uninterrupted())]);
    assert.equal(destroyed.status, 'fulfilled');
    assert.ok(looked.status === 'rejected' && looked.reason instanceof StackBusyError, looked.status);
    assert.deepEqual(await bench.driver.list(), []);
  });

  it('is found by several at the same time, one after the other', async () => {
    bench = await Workbench.open({ supervise: false });
    const input = await bench.input(1, nodeConfig(ANSWERS_PID));
    await bench.driver.provision(input, uninterrupted());
    assert.deepEqual(await Promise.all([look(input), look(input)]), [[], []]);
  });
});

async function answer(endpoint: Parameters<typeof formatEndpointUrl>[0], path = ''): Promise<string> {
  return (await fetch(`${formatEndpointUrl(endpoint)}${path}`)).text();
}

/** Once the port is free. */
async function listen(port: number): Promise<Server> {
  const server = createServer((_request, response) => response.end('a stranger'));
  const tried = async (): Promise<boolean> => {
    server.listen(port, '127.0.0.1');
    return once(server, 'listening').then(
      () => true,
      () => false,
    );
  };
  assert.ok(await waitUntil(5_000, tried));
  return server;
}
