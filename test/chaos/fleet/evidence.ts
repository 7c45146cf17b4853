import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Client } from 'pg';
import { revisionFolders } from '../../../blueprints/local-process/inventory.ts';
import { MARKER } from '../../../blueprints/local-process/launcher.ts';
import { readEnvironment } from '../../../src/host/marks.ts';
import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { SCHEMA } from '../../../src/store/postgres/schema-name.ts';
import { type Evidence, type HostEvidence, claimsIn, gatherOf } from '../checks/evidence.ts';
import { gatherFromPostgres } from '../checks/state-evidence.ts';
import type { Machine } from './machine.ts';
import type { FleetWorld } from './world.ts';

/** All that can be seen of a service from outside, at one moment. */
export async function gatherFleet(world: FleetWorld, service: ServiceKey): Promise<Evidence> {
  return gatherOf(world, service, await gatherMachines(world));
}

/** What stacks and operations on them leave in the cloud, in the state, in the ledger, and on the machines there are. */
async function gatherMachines({ hub, machines, storePlace }: FleetWorld): Promise<HostEvidence> {
  const resources = [...listAll(hub.cloud.cloud)];
  const [state, claims, commissions, folders] = await Promise.all([
    gatherFromPostgres(storePlace),
    claimsIn(storePlace),
    listCommissions(storePlace),
    Promise.all(machines.map(({ stacksFolder }) => revisionFolders(stacksFolder))),
  ]);
  const there = folders.flat().map((folder) => basename(folder));
  return {
    provided: [...new Set([...resources.map(({ tags }) => tags.stack ?? ''), ...there])],
    inState: state.stacks,
    locks: state.locks,
    // What another machine has taken over stays on its own one until that one's next operation, or its worker's next start.
    workFolders: [],
    claims: [...claims, ...commissions],
    ports: machines.flatMap(listPorts),
    serving: [
      ...resources
        .filter(({ kind }) => kind === 'instance')
        .map(({ tags, address }) => ({ stack: tags.stack ?? '', pid: address?.port ?? 0 })),
      ...machines.flatMap(listServing),
    ],
    processes: machines.flatMap((machine) => machine.ofKind('engine')),
  };
}

/** Those of processes of stacks that run on the machine. */
function listServing(machine: Machine): HostEvidence['serving'] {
  return machine.ofKind('service').flatMap(({ pid }) => {
    const mark = readEnvironment(pid).find((variable) => variable.startsWith(`${MARKER}=`));
    return mark === undefined ? [] : [{ stack: basename(dirname(mark)), pid }];
  });
}

function listPorts({ stacksFolder }: Machine): string[] {
  try {
    return readdirSync(join(stacksFolder, 'local-process', 'ports'));
  } catch {
    return [];
  }
}

function* listAll(cloud: FleetWorld['hub']['cloud']['cloud']) {
  for (let after: string | undefined = ''; after !== undefined;) {
    const page = cloud.list({}, after);
    yield* page.resources;
    after = page.next;
  }
}

async function listCommissions(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ stack: string }>(`select stack from ${SCHEMA}.commissions`);
    return rows.map(({ stack }) => `commission of ${stack}`);
  } finally {
    await client.end();
  }
}
