/**
 * A router with a process of its own, the embedded one unless told: how long a weight change takes under load, and what share of the direct throughput is left
 * behind it. Service, router and load generator are processes of their own; on few cores they share them.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from '../src/domain/service/revision.ts';
import { formatEndpointUrl } from '../src/domain/service/revision.ts';
import type { Route } from '../src/domain/traffic/route.ts';
import { EmbeddedRouter } from '../src/routing/embedded/client.ts';
import { type BenchResult, median, percentile, printResult } from './result.ts';
import type { LoadResult, LoadTask } from './router-load.ts';

const TARGET_MS = 2;
const CHANGES = 200;
const PER_SECOND = 2000;
const CHANGE_EVERY_MS = 25;
const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_SECONDS = 2;

const service = { name: 'web', environment: 'bench' };

/** A router with a process, and a client that gives it orders. */
export interface BenchedRouter {
  name: string;
  /** Its program below `src/routing`. */
  main: string;
  /** The most that a change may take, in milliseconds, half of the times. */
  targetMs: number;
  open: (socketPath: string) => EmbeddedRouter;
}

export function run(): Promise<BenchResult> {
  return measureRouter({
    name: 'router',
    main: 'embedded/main.ts',
    targetMs: TARGET_MS,
    open: (socketPath) => new EmbeddedRouter({ socketPath }),
  });
}

export async function measureRouter({ name, main, targetMs, open }: BenchedRouter): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'supplant-bench-router-'));
  const socketPath = join(folder, 'router.sock');
  const processes = [startService(), startService(), startLoad(), startRouter(main, folder, socketPath)] as const;
  const [serviceOne, serviceTwo, load, routerProcess] = processes;
  const router = open(socketPath);
  try {
    const [one, two] = await Promise.all([portOf(serviceOne), portOf(serviceTwo), once(routerProcess.stdout!, 'data')]);
    const routes = { one, two };
    const { address } = await router.apply(split(routes, 1, 0));
    const throughput = await compareThroughput(load, formatEndpointUrl(one), formatEndpointUrl(address));
    const changes = await changeUnderLoad(load, formatEndpointUrl(address), router, routes);
    const value = median(changes.durations);
    return {
      name,
      value,
      target: targetMs,
      ok: value <= targetMs && changes.load.failed === 0 && throughput.failed === 0,
      changeP99Ms: percentile(changes.durations, 99),
      ...throughput,
      requestsDuringChanges: changes.load.total,
      p99DuringChangesMs: changes.load.p99Ms,
      failed: changes.load.failed + throughput.failed,
    };
  } finally {
    await router.close();
    // In good order: what it has started ends with it.
    const ended = once(routerProcess, 'exit');
    if (routerProcess.exitCode === null && routerProcess.kill('SIGTERM')) await ended;
    for (const child of processes) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Direct and routed rounds take turns, so that whatever else the machine does meets both. */
async function compareThroughput(load: ChildProcess, direct: string, routed: string) {
  const closed = (origin: string, seconds: number): Promise<LoadResult> =>
    loaded(load, { kind: 'closed', origin, connections: CONNECTIONS, seconds });
  await closed(direct, 1);
  await closed(routed, 1);
  const rounds: { straight: LoadResult; through: LoadResult }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ straight: await closed(direct, ROUND_SECONDS), through: await closed(routed, ROUND_SECONDS) });
  }
  return {
    throughputRatio: median(rounds.map(({ straight, through }) => through.perSecond / straight.perSecond)),
    perSecond: median(rounds.map(({ through }) => through.perSecond)),
    directPerSecond: median(rounds.map(({ straight }) => straight.perSecond)),
    p99Ms: median(rounds.map(({ through }) => through.p99Ms)),
    directP99Ms: median(rounds.map(({ straight }) => straight.p99Ms)),
    failed: rounds.reduce((sum, { straight, through }) => sum + straight.failed + through.failed, 0),
  };
}

async function changeUnderLoad(load: ChildProcess, origin: string, router: EmbeddedRouter, routes: Services) {
  const seconds = (CHANGES * CHANGE_EVERY_MS) / 1000 + 2;
  const running = loaded(load, { kind: 'open', origin, perSecond: PER_SECOND, seconds });
  await pause(500);
  const durations: number[] = [];
  for (let change = 1; change <= CHANGES; change += 1) {
    const began = performance.now();
    await router.apply(split(routes, 1 + change, (change * 37) % 101));
    durations.push(performance.now() - began);
    await pause(CHANGE_EVERY_MS);
  }
  return { durations, load: await running };
}

interface Services {
  one: Endpoint;
  two: Endpoint;
}

function split({ one, two }: Services, generation: number, weight: number): Route {
  return {
    service,
    generation,
    targets: [
      { revision: 1, endpoints: [one], weight: 100 - weight },
      { revision: 2, endpoints: [two], weight },
    ],
  };
}

function startService(): ChildProcess {
  return fork(new URL('./router-service.ts', import.meta.url));
}

function startLoad(): ChildProcess {
  return fork(new URL('./router-load.ts', import.meta.url));
}

function startRouter(main: string, folder: string, socketPath: string): ChildProcess {
  const program = fileURLToPath(new URL(`../src/routing/${main}`, import.meta.url));
  return spawn(process.execPath, [program, '--data', folder, '--socket', socketPath, '--grace-ms', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function portOf(child: ChildProcess): Promise<Endpoint> {
  const [port] = (await once(child, 'message')) as [number];
  return { host: '127.0.0.1', port };
}

async function loaded(load: ChildProcess, task: LoadTask): Promise<LoadResult> {
  load.send(task);
  const [result] = (await once(load, 'message')) as [LoadResult];
  return result;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) printResult(await run());
