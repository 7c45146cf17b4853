import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../../src/host/polling.ts';
import { Machine } from './machine.ts';
import { FleetNetwork, findObstacle } from './network.ts';

const PATIENCE_MS = 20_000;
const ANSWER_MS = 500;

/** Serves its machine's name, the process of the machine it is, and the files that it finds in the world's folder. */
const SERVER = `
console.log('worker ready');
const { readdirSync } = require('node:fs');
require('node:http').createServer((_, answer) => {
  answer.end(JSON.stringify({ name: require('node:os').hostname(), pid: process.pid, sees: readdirSync(process.argv[1]) }));
}).listen(80).on('error', () => setInterval(() => undefined, 1_000));
`;

describe('a machine of a fleet', () => {
  let network: FleetNetwork;
  let world: string;
  let machine: Machine;
  let made = 0;

  before(async function () {
    const obstacle = await findObstacle();
    if (obstacle !== undefined) this.skip();
    network = await FleetNetwork.open();
    world = await mkdtemp(join(tmpdir(), 'supplant-machine-'));
    await mkdir(join(world, 'conf'));
    await writeFile(join(world, 'conf', 'token'), 'a token');
  });

  beforeEach(async () => {
    made += 1;
    machine = await Machine.start({
      ...{ name: `m${made}`, network, world, conf: join(world, 'conf'), ownClock: false },
      command: () => [process.execPath, '-e', SERVER, world],
      env: () => ({}),
    });
    assert.ok(await waitUntil(PATIENCE_MS, () => machine.isReady));
  });

  afterEach(async () => machine.stop());

  after(async () => {
    await (network as FleetNetwork | undefined)?.[Symbol.asyncDispose]();
    if (world) await rm(world, { recursive: true, force: true });
  });

  const ask = async (): Promise<string> =>
    (await fetch(`http://${machine.address}/`, { signal: AbortSignal.timeout(ANSWER_MS) })).text();
  const answers = (): Promise<boolean> =>
    ask().then(
      () => true,
      () => false,
    );

  it('has a name, processes and files of its own', async () => {
    const { name, pid, sees } = JSON.parse(await ask()) as { name: string; pid: number; sees: string[] };
    assert.equal(name, machine.name);
    const processes = machine.processes();
    assert.ok(!processes.some((each) => each.pid === pid), 'pids are counted anew');
    const shells = processes.filter(({ command }) => command.startsWith('/bin/sh'));
    assert.deepEqual(shells, [], 'faults would strike what keeps the worker, and not the worker');
    assert.deepEqual(sees, []);
    assert.ok(existsSync(join(machine.folder, 'conf', 'token')));
  });

  it('is cut off, and stands still, for as long as it is told', async () => {
    const cut = machine.cutOff(2_000);
    assert.ok(await waitUntil(PATIENCE_MS, async () => !(await answers())));
    await cut;
    assert.ok(await waitUntil(PATIENCE_MS, answers));
    const frozen = machine.freeze(2_000);
    assert.ok(await waitUntil(PATIENCE_MS, async () => !(await answers())));
    await frozen;
    assert.ok(await waitUntil(PATIENCE_MS, answers));
  });

  it('has room for a worker of another version beside the one that runs', async () => {
    const runs = (build: string): boolean =>
      machine.processes().some(({ command }) => command.endsWith(`--build ${build}`));
    machine.startBuild('b2');
    assert.ok(!machine.isReady, 'it was not started yet');
    assert.ok(await waitUntil(PATIENCE_MS, () => runs('b2') && machine.isReady));
    assert.ok(await answers(), 'the one that ran runs on');
    machine.startBuild('b3');
    assert.ok(!runs('b3'), 'there is room for two');
  });

  it('starts what has died again, until it is lost with all it has', async () => {
    const worker = machine.processes().find(({ command }) => command.startsWith(process.execPath));
    process.kill(worker!.pid, 'SIGKILL');
    assert.ok(await waitUntil(PATIENCE_MS, () => !machine.processes().some(({ pid }) => pid === worker!.pid)));
    assert.ok(await waitUntil(PATIENCE_MS, answers));
    const { folder } = machine;
    const processes = machine.processes();
    await machine.lose();
    assert.deepEqual(
      processes.filter(({ pid }) => existsSync(`/proc/${pid}`)),
      [],
    );
    assert.ok(!existsSync(folder));
    assert.ok(!(await answers()));
  });
});
