import { Client } from 'pg';
import type { ServiceKey } from '../../../src/domain/service/service.ts';
import { SCHEMA } from '../../../src/store/postgres/schema-name.ts';
import { type Evidence, type HostEvidence, claimsIn, gatherOf } from '../checks/evidence.ts';
import { gatherFromPostgres } from '../checks/state-evidence.ts';
import type { FleetWorld } from './world.ts';

/** All that can be seen of a service from outside, at one moment. */
export async function gatherFleet(world: FleetWorld, service: ServiceKey): Promise<Evidence> {
  return gatherOf(world, service, await gatherMachines(world));
}

/** What stacks and operations on them leave in the cloud, in the state, in the ledger, and on the machines there are. */
async function gatherMachines({ hub, machines, storePlace }: FleetWorld): Promise<HostEvidence> {
  const resources = [...listAll(hub.cloud.cloud)];
  const [state, claims, commissions] = await Promise.all([
    gatherFromPostgres(storePlace),
    claimsIn(storePlace),
    listCommissions(storePlace),
  ]);
  return {
    provided: [...new Set(resources.map(({ tags }) => tags.stack ?? ''))],
    inState: state.stacks,
    locks: state.locks,
    // What another machine has taken over stays on its own one until that one's next operation, or its worker's next start.
    workFolders: [],
    claims: [...claims, ...commissions],
    ports: [],
    serving: resources
      .filter(({ kind }) => kind === 'instance')
      .map(({ tags, address }) => ({ stack: tags.stack ?? '', pid: address?.port ?? 0 })),
    processes: machines.flatMap((machine) => machine.ofKind('engine')),
  };
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
