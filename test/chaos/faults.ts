import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { waitUntil } from '../../src/host/polling.ts';
import { SCHEMA } from '../../src/store/postgres/schema-name.ts';
import type { PostgresCluster } from '../postgres/cluster.ts';
import { fill, relieve } from './disk.ts';
import type { FaultKind, PlannedFault } from './plan.ts';
import { type ProcessKind, ofKind, signal } from './processes.ts';
import { withTemporal } from './temporal.ts';
import type { World } from './world.ts';

/** Whether a fault found what it was to strike. */
export type Struck = 'struck' | 'missed';

type Fault = (world: World, planned: PlannedFault) => Promise<Struck>;

const SQLITE_BUSY = 5;

/** In seconds: what a bad time server does, a wrong time zone, a battery that is empty. */
const JUMPS_S = [30, -30, 3_600, -3_600, 86_400, -86_400, 1_000_000_000];

const RUNNING_SERVICES = `WorkflowType = 'service' AND ExecutionStatus = 'Running'`;

/** For an engine or a provider to show up: they live for a second or two. */
const LOOK_OUT_MS = 3_000;

/** What each fault does. Returns when what was struck is on its way back, or was put back. */
export const FAULTS: Record<FaultKind, Fault> = {
  'worker-killed': (world, { pick }) => signalOne(world.root, 'worker', 'SIGKILL', pick),
  'worker-restarted': (world, { pick }) => signalOne(world.root, 'worker', 'SIGTERM', pick),
  'all-workers-killed': async (world) => {
    const workers = ofKind(world.root, 'worker');
    for (const worker of workers) signal(worker, 'SIGKILL');
    return workers.length > 0 ? 'struck' : 'missed';
  },
  'worker-stopped-and-continued': async (world, { pick, holdMs }) => {
    const workers = ofKind(world.root, 'worker');
    const worker = workers[pick % workers.length];
    if (!worker || !signal(worker, 'SIGSTOP')) return 'missed';
    await sleep(holdMs);
    signal(worker, 'SIGCONT');
    return 'struck';
  },
  'gateway-killed': (world, { pick }) => signalOne(world.root, 'gateway', 'SIGKILL', pick),
  'gateway-restarted': (world, { pick }) => signalOne(world.root, 'gateway', 'SIGTERM', pick),
  'temporal-killed': (world, { pick }) => signalOne(world.root, 'temporal', 'SIGKILL', pick),
  'temporal-restarted': (world, { pick }) => signalOne(world.root, 'temporal', 'SIGTERM', pick),
  'router-killed': (world) => router(world, 'SIGKILL'),
  'router-restarted': (world) => router(world, 'SIGTERM'),
  'engine-killed': (world, { pick }) => seekOut(world.root, 'engine', pick),
  'provider-killed': (world, { pick }) => seekOut(world.root, 'runner', pick),
  'dev-killed': async (world) => {
    await world.restartDev();
    return 'struck';
  },
  'power-cut': async (world) => {
    await world.cutPower();
    return 'struck';
  },
  'store-locked': (world, { holdMs }) =>
    world.cluster ? lockPostgres(world.storePlace, holdMs) : lockSqlite(world.storePlace, holdMs),
  'disk-full': async (world, { holdMs }) => {
    if (!world.hasSmallDisk) return 'missed';
    fill(world.root);
    try {
      await sleep(holdMs);
    } finally {
      relieve(world.root);
    }
    return 'struck';
  },
  'clock-jumped': async (world, { holdMs, pick }) => {
    if (!world.clock) return 'missed';
    world.clock.set(JUMPS_S[pick % JUMPS_S.length] ?? 0);
    await sleep(holdMs);
    world.clock.set(0);
    return 'struck';
  },
  'postgres-killed': (world, { holdMs }) => postgres(world, (cluster) => cluster.kill(), holdMs),
  'postgres-restarted': (world, { holdMs }) => postgres(world, (cluster) => cluster.stop('fast'), holdMs),
  'service-terminated': terminateServices,
  'receiver-killed': async ({ receiver }, { holdMs }) => {
    if (!receiver) return 'missed';
    await receiver.goDown(holdMs);
    return 'struck';
  },
};

/** Signals one of the processes of a kind, if there is any. */
export async function signalOne(root: string, kind: ProcessKind, name: NodeJS.Signals, pick: number): Promise<Struck> {
  const found = ofKind(root, kind);
  const chosen = found[pick % found.length];
  return chosen && signal(chosen, name) ? 'struck' : 'missed';
}

async function router(world: World, name: NodeJS.Signals): Promise<Struck> {
  if (world.isOfHaproxy) return haproxy(world, name);
  const [found] = ofKind(world.root, 'router');
  const outage = world.outages.begin(`router ${name}`);
  const struck = found !== undefined && signal(found, name);
  if (struck) await waitUntil(15_000, () => !ofKind(world.root, 'router').some(({ pid }) => pid === found.pid));
  await world.routerIsBack();
  world.outages.over(outage);
  return struck ? 'struck' : 'missed';
}

/** What gives HAProxy its orders may end without anybody noticing; a HAProxy that is killed is started again. */
async function haproxy(world: World, name: NodeJS.Signals): Promise<Struck> {
  if (name !== 'SIGKILL') return signalOne(world.root, 'haproxy-control', 'SIGKILL', 0);
  const [found] = ofKind(world.root, 'haproxy');
  const outage = world.outages.begin('HAProxy killed');
  const struck = found !== undefined && signal(found, 'SIGKILL');
  if (struck) await waitUntil(15_000, () => ofKind(world.root, 'haproxy').some(({ pid }) => pid !== found.pid));
  await world.routerIsBack();
  world.outages.over(outage);
  return struck ? 'struck' : 'missed';
}

/** Kills one as soon as it shows up: they come and go. */
export async function seekOut(root: string, kind: ProcessKind, pick: number): Promise<Struck> {
  const strike = (): boolean => {
    const found = ofKind(root, kind);
    const chosen = found[pick % found.length];
    return chosen !== undefined && signal(chosen, 'SIGKILL');
  };
  return (await waitUntil(LOOK_OUT_MS, strike)) ? 'struck' : 'missed';
}

async function postgres(
  world: World,
  end: (cluster: PostgresCluster) => Promise<void>,
  holdMs: number,
): Promise<Struck> {
  const { cluster } = world;
  if (!cluster) return 'missed';
  await world.withPostgres(async () => {
    await end(cluster);
    await sleep(holdMs);
    await cluster.start();
  });
  return 'struck';
}

/** As somebody does by mistake who tidies up in Temporal's UI. */
async function terminateServices(world: World): Promise<Struck> {
  try {
    return await withTemporal(world, async (client) => {
      let struck: Struck = 'missed';
      for await (const { workflowId } of client.workflow.list({ query: RUNNING_SERVICES })) {
        await client.workflow.getHandle(workflowId).terminate('tidied up');
        struck = 'struck';
      }
      return struck;
    });
  } catch {
    // Another fault has Temporal down, or the service is over by itself.
    return 'missed';
  }
}

async function lockSqlite(path: string, holdMs: number): Promise<Struck> {
  const other = new DatabaseSync(path, { timeout: 0 });
  try {
    if (!(await waitUntil(LOOK_OUT_MS, () => begins(other)))) return 'missed';
    await sleep(holdMs);
    other.exec('rollback');
  } finally {
    other.close();
  }
  return 'struck';
}

/** As somebody does who alters a table and goes for a coffee. Another fault may end the server meanwhile. */
async function lockPostgres(url: string, holdMs: number): Promise<Struck> {
  const other = new Client({ connectionString: url });
  let hasLost = false;
  other.on('error', () => (hasLost = true));
  const lost = (error: unknown): boolean => hasLost || (error as { code?: string }).code === 'ECONNREFUSED';
  try {
    await other.connect();
    await other.query('begin');
    await other.query(`lock table ${SCHEMA}.audit_events, ${SCHEMA}.rollouts in access exclusive mode`);
    await sleep(holdMs);
    await other.query('rollback');
    return 'struck';
  } catch (error) {
    // 57…: the server is going down, or coming up.
    if (lost(error) || ((error as { code?: string }).code ?? '').startsWith('57')) return 'missed';
    throw error;
  } finally {
    await other.end().catch(() => undefined);
  }
}

/** Others write, too, for a millisecond each. */
function begins(database: DatabaseSync): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
