/**
 * How soon an operation goes on elsewhere when its machine is lost, and what one, two and three machines get done. The
 * machines are those of chaos (`test/chaos/fleet`): namespaces with a worker each, around one hub with a double of a cloud. A
 * machine is killed with all that is on it while its engine makes a stack; time counts until another machine's engine is at
 * work on it, and nobody may take the stack before the lease of the lost one is over. Then six services are rolled out
 * without a pause, by one machine, by two and by three; this machine's processors are shared by all of them and the hub.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SupplantClient } from '../src/contract/supplant-client.ts';
import { waitUntil } from '../src/host/polling.ts';
import { describeFleetService } from '../test/chaos/fleet/program.ts';
import type { Machine } from '../test/chaos/fleet/machine.ts';
import { findObstacle } from '../test/chaos/fleet/network.ts';
import { FleetWorld } from '../test/chaos/fleet/world.ts';
import { change } from './platform.ts';
import { type BenchResult, median, printResult } from './result.ts';
import { inSeconds, machineLoad } from './rounds.ts';

/** How long a claim counts that is not renewed; see ADR 0051. */
const LEASE_MS = 12_000;
const TARGET_MEDIAN_MS = LEASE_MS + 2_000;
const TARGET_WORST_MS = LEASE_MS + 8_000;
const KILLS = 10;
/** The cloud takes so long to make what is being made when its machine is lost. */
const SLOW_MS = 6_000;
const LATEST_KILL_MS = 3_000;
const PATIENCE_MS = 60_000;
const LANES = 6;
const WINDOW_MS = 30_000;
const SIZE = 3;

interface Throughput {
  createsPerSecond: number;
  rolloutsPerMinute: number;
}

export async function run(): Promise<BenchResult> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const world = await FleetWorld.open({ ownClocks: false, versioned: false, size: 1 });
  try {
    const throughput: Throughput[] = [];
    for (let machines = 1; machines <= SIZE; machines += 1) {
      await world.calm(machines);
      throughput.push(await measureThroughput(world, machines));
    }
    const takeovers: number[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) takeovers.push(await loseOne(world, kill));
    return judge(takeovers, throughput);
  } finally {
    await world.close();
  }
}

/** @returns the time from the kill until another machine's engine is at work, in milliseconds */
async function loseOne(world: FleetWorld, kill: number): Promise<number> {
  await world.calm(SIZE);
  const service = { name: `lost${kill}`, environment: 'bench' };
  const spec = describeFleetService({ service, version: 'one', behaviour: 'good' }, 0);
  const config = { ...spec.blueprint.config, createMs: SLOW_MS };
  const { rollout } = await world.client.apply({ ...spec, blueprint: { ...spec.blueprint, config } }, change());
  const lost = await findAtWork(world, 'no engine has begun');
  await sleep(Math.random() * LATEST_KILL_MS);
  const at = performance.now();
  await world.lose(lost);
  await findAtWork(world, `nobody has gone on with what ${lost.name} was at`);
  const tookMs = performance.now() - at;
  const { outcome } = await world.client.waitForRollout(service, rollout);
  if (outcome !== 'succeeded') throw new Error(`the rollout that ${lost.name} was lost in has ${outcome ?? 'no end'}`);
  console.log(`kill ${kill}: gone on with after ${inSeconds(tookMs)} (load ${machineLoad()})`);
  return tookMs;
}

async function findAtWork(world: FleetWorld, otherwise: string): Promise<Machine> {
  let found: Machine | undefined;
  const look = (): boolean => {
    found = world.machines.find((machine) => machine.ofKind('engine').length > 0);
    return found !== undefined;
  };
  if (!(await waitUntil(PATIENCE_MS, look)) || !found) throw new Error(`${otherwise} within ${inSeconds(PATIENCE_MS)}`);
  return found;
}

async function measureThroughput({ client, hub }: FleetWorld, machines: number): Promise<Throughput> {
  const countCreates = (): number =>
    hub.cloud.cloud.calls.filter(({ verb, status }) => verb === 'create' && status === 201).length;
  const names = Array.from({ length: LANES }, (_, index) => `lane${index}on${machines}`);
  const began = performance.now();
  const before = countCreates();
  const end = began + WINDOW_MS;
  const rollouts = await Promise.all(names.map((name) => rollOutUntil(client, name, end)));
  const tookMs = performance.now() - began;
  const throughput = {
    createsPerSecond: ((countCreates() - before) / tookMs) * 1_000,
    rolloutsPerMinute: (rollouts.reduce((sum, each) => sum + each, 0) / tookMs) * 60_000,
  };
  const { createsPerSecond, rolloutsPerMinute } = throughput;
  console.log(
    `${machines} machines: ${createsPerSecond.toFixed(1)} creates/s, ${rolloutsPerMinute.toFixed(0)} rollouts/min (load ${machineLoad()})`,
  );
  return throughput;
}

/** @returns how many rollouts it came to */
async function rollOutUntil(client: SupplantClient, name: string, end: number): Promise<number> {
  const service = { name, environment: 'bench' };
  let rollouts = 0;
  while (performance.now() < end) {
    rollouts += 1;
    const spec = describeFleetService({ service, version: `v${rollouts}`, behaviour: 'good' }, 0);
    const config = { ...spec.blueprint.config, createMs: 0 };
    const receipt = await client.apply({ ...spec, blueprint: { ...spec.blueprint, config } }, change());
    const { outcome } = await client.waitForRollout(service, receipt.rollout);
    if (outcome !== 'succeeded') throw new Error(`rollout ${receipt.rollout} of ${name} has ${outcome ?? 'no end'}`);
  }
  return rollouts;
}

function judge(takeovers: readonly number[], throughput: readonly Throughput[]): BenchResult {
  const value = median(takeovers);
  const worstMs = Math.max(...takeovers);
  const figures = throughput.map(({ createsPerSecond, rolloutsPerMinute }, index): [string, number][] => [
    [`createsPerSecond${index + 1}`, createsPerSecond],
    [`rolloutsPerMinute${index + 1}`, rolloutsPerMinute],
  ]);
  return {
    name: 'fleet',
    value,
    target: TARGET_MEDIAN_MS,
    ok: value <= TARGET_MEDIAN_MS && worstMs <= TARGET_WORST_MS,
    worstMs,
    targetWorstMs: TARGET_WORST_MS,
    kills: takeovers.length,
    ...Object.fromEntries(figures.flat()),
    load: machineLoad(),
  };
}

if (import.meta.main) printResult(await run());
