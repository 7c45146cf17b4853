import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../../src/host/polling.ts';
import type { PostgresCluster } from '../../postgres/cluster.ts';
import type { Struck } from '../faults.ts';
import { type ProcessKind, signal } from '../processes.ts';
import { GATEWAYS, type HubPart } from './hub.ts';
import type { Machine } from './machine.ts';
import type { FleetFaultKind, PlannedFleetFault } from './plan.ts';
import type { FleetWorld } from './world.ts';

type Fault = (world: FleetWorld, planned: PlannedFleetFault) => Promise<Struck>;

/** For an engine to show up, which lives for as long as the cloud takes, in milliseconds. */
const LOOK_OUT_MS = 4_000;
const PART_BACK_MS = 30_000;
const APART_S = 30;

/** What each fault does. Returns when what was struck is on its way back, or was put back. */
export const FLEET_FAULTS: Record<FleetFaultKind, Fault> = {
  'machine-lost': (world, planned) => lose(world, planned),
  'machine-replaced': async (world, planned) => {
    if ((await lose(world, planned)) === 'missed') return 'missed';
    await sleep(planned.holdMs);
    await world.add();
    return 'struck';
  },
  'two-machines-lost': async (world, planned) => {
    const first = await lose(world, planned);
    const second = await lose(world, { ...planned, aimed: false });
    return first === 'struck' && second === 'struck' ? 'struck' : 'missed';
  },
  'machine-cut-off': (world, planned) => hold(world, planned, (machine) => machine.cutOff(planned.holdMs)),
  'machine-frozen': (world, planned) => hold(world, planned, (machine) => machine.freeze(planned.holdMs)),
  'clock-apart': async (world, planned) => {
    if (!world.ownClocks) return 'missed';
    return hold(world, planned, async ({ clock }) => {
      clock?.set(planned.pick % 2 === 0 ? APART_S : -APART_S);
      await sleep(planned.holdMs);
      clock?.set(0);
    });
  },
  'worker-killed': (world, planned) => signalOne(world, planned, 'worker', 'SIGKILL'),
  'worker-restarted': (world, planned) => signalOne(world, planned, 'worker', 'SIGTERM'),
  'workers-replaced': async (world) => ((await world.replaceWorkers()) ? 'struck' : 'missed'),
  'runner-killed': (world, planned) => signalOne(world, { ...planned, aimed: true }, 'runner', 'SIGKILL'),
  'engine-killed': (world, planned) => signalOne(world, { ...planned, aimed: true }, 'engine', 'SIGKILL'),
  'postgres-killed': (world, { holdMs }) => postgres(world, (cluster) => cluster.kill(), holdMs),
  'postgres-restarted': (world, { holdMs }) => postgres(world, (cluster) => cluster.stop('fast'), holdMs),
  'temporal-killed': async (world) => part(world, 'temporal'),
  'gateway-killed': async (world, { pick }) => part(world, GATEWAYS[pick % GATEWAYS.length] ?? GATEWAYS[0]),
  'router-killed': async (world) => {
    const outage = world.outages.begin('router SIGKILL');
    const struck = await part(world, 'router');
    await waitUntil(PART_BACK_MS, () =>
      world.router.observe({ name: 'any', environment: 'chaos' }).then(
        () => true,
        () => false,
      ),
    );
    world.outages.over(outage);
    return struck;
  },
};

/** The one whose engine is at work where it is aimed at, or else any that no other fault has in hand. */
async function choose(world: FleetWorld, { aimed, pick }: PlannedFleetFault): Promise<Machine | undefined> {
  let chosen: Machine | undefined;
  const look = (): boolean => {
    chosen = world.machines.find((machine) => !machine.isStruck && machine.ofKind('engine').length > 0);
    return chosen !== undefined;
  };
  if (aimed) await waitUntil(LOOK_OUT_MS, look);
  const free = world.machines.filter((machine) => !machine.isStruck);
  return chosen ?? free[pick % free.length];
}

/** Never the last one: nobody could go on. */
async function lose(world: FleetWorld, planned: PlannedFleetFault): Promise<Struck> {
  const machine = await choose(world, planned);
  if (!machine || machine.isStruck || world.machines.length === 1) return 'missed';
  machine.isStruck = true;
  await world.lose(machine);
  return 'struck';
}

async function hold(
  world: FleetWorld,
  planned: PlannedFleetFault,
  act: (machine: Machine) => Promise<void>,
): Promise<Struck> {
  const machine = await choose(world, planned);
  if (!machine || machine.isStruck) return 'missed';
  machine.isStruck = true;
  await act(machine);
  machine.isStruck = false;
  return 'struck';
}

async function signalOne(
  world: FleetWorld,
  planned: PlannedFleetFault,
  kind: ProcessKind,
  name: NodeJS.Signals,
): Promise<Struck> {
  const machine = await choose(world, planned);
  const found = machine?.ofKind(kind) ?? [];
  // Of runners, the one at work: another one waits for its turn.
  const chosen = found[planned.pick % found.length];
  return chosen && signal(chosen, name) ? 'struck' : 'missed';
}

async function postgres(
  world: FleetWorld,
  end: (cluster: PostgresCluster) => Promise<void>,
  holdMs: number,
): Promise<Struck> {
  const { cluster } = world.hub;
  await world.withPostgres(async () => {
    await end(cluster);
    await sleep(holdMs);
    await cluster.start();
  });
  return 'struck';
}

async function part({ hub }: FleetWorld, name: HubPart): Promise<Struck> {
  const before = hub.restarts(name);
  if (!hub.strike(name, 'SIGKILL')) return 'missed';
  await waitUntil(PART_BACK_MS, () => hub.restarts(name) > before);
  return 'struck';
}
