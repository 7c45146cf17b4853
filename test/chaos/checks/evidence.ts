import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inventory, runningProcesses } from '../../../blueprints/local-process/inventory.ts';
import type { AuditEvent, ChainVerdict } from '../../../src/store/audit/store.ts';
import type { ContractRecord } from '../../../src/domain/migrations/contract.ts';
import type { RevisionRecord, RolloutRecord } from '../../../src/store/catalogue/catalogue.ts';
import type { RolloutResult } from '../../../src/domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../../src/domain/service/service.ts';
import type { RouteObservation } from '../../../src/domain/traffic/route.ts';
import type { Router } from '../../../src/routing/router.ts';
import { openStore } from '../../../src/store/store.ts';
import { type FoundProcess, processesOf } from '../processes.ts';
import { type TemporalAddress, locateTemporal, withTemporalAt } from '../temporal.ts';
import type { World } from '../world.ts';
import { gatherState } from './state-evidence.ts';

/** A rollout's run as Temporal has it. */
export interface TemporalRun {
  workflowId: string;
  status: string;
  result?: RolloutResult;
}

/** What stacks and operations on them leave on a host. */
export interface HostEvidence {
  /** Stack names: with something of them on this host, and in the state store. */
  provided: string[];
  inState: string[];
  /** Pulumi's locks, working folders, the ledger's claims, reserved ports: all of the whole installation. */
  locks: string[];
  workFolders: string[];
  claims: string[];
  ports: string[];
  /** Processes of stacks, by stack. */
  serving: { stack: string; pid: number }[];
  processes: FoundProcess[];
}

/** All that can be seen of a service from outside, at one moment. */
export interface Evidence extends HostEvidence {
  service: ServiceKey;
  chain: ChainVerdict;
  /** Of the service, oldest first. */
  events: AuditEvent[];
  revisions: RevisionRecord[];
  rollouts: RolloutRecord[];
  /** Of migrations. */
  contracts: ContractRecord[];
  runs: TemporalRun[];
  route: RouteObservation | undefined;
}

export async function gather(world: World, service: ServiceKey): Promise<Evidence> {
  const { storePlace, router } = world;
  return gatherOf({ storePlace, router, temporal: locateTemporal(world) }, service, await gatherHost(world));
}

/** Where an installation keeps what is known of a service. */
export interface Records {
  storePlace: string;
  router: Router;
  temporal: TemporalAddress;
}

/** @param host of which the service's own is taken */
export async function gatherOf(
  { storePlace, router, temporal }: Records,
  service: ServiceKey,
  host: HostEvidence,
): Promise<Evidence> {
  const own = (stack: string): boolean => stack.startsWith(`${service.name}-${service.environment}-r`);
  return {
    ...host,
    service,
    ...(await onRecord(storePlace, service)),
    runs: await runsOf(temporal, service),
    route: await router.observe(service),
    provided: host.provided.filter(own),
    inState: host.inState.filter(own),
    serving: host.serving.filter(({ stack }) => own(stack)),
  };
}

/** Of all stacks of an installation. */
export async function gatherHost(world: Pick<World, 'platform' | 'root' | 'storePlace'>): Promise<HostEvidence> {
  const { folder } = world.platform;
  const [provided, state, serving] = await Promise.all([
    inventory(folder.stacks),
    gatherState(world),
    runningProcesses(folder.stacks),
  ]);
  return {
    provided: provided.map(({ stack }) => stack),
    inState: state.stacks,
    locks: state.locks,
    workFolders: await names(join(folder.stacks, 'work')),
    claims: await claimsIn(world.storePlace),
    ports: await names(join(folder.stacks, 'local-process', 'ports')),
    serving: serving.map(({ stack, pid }) => ({ stack, pid })),
    processes: processesOf(world.root),
  };
}

const MOST = 10_000;

async function onRecord(place: string, service: ServiceKey) {
  const store = await openStore(place, { readOnly: true });
  try {
    return {
      chain: await store.audit.verify(),
      events: await store.audit.list({ subject: formatServiceId(service), limit: MOST }),
      revisions: await store.catalogue.revisions(service, MOST),
      rollouts: await store.catalogue.rollouts(service, MOST),
      contracts: await store.catalogue.contracts.list(service),
    };
  } finally {
    await store.close();
  }
}

async function runsOf(temporal: TemporalAddress, { name, environment }: ServiceKey): Promise<TemporalRun[]> {
  return withTemporalAt(temporal, async (client) => {
    const query = `WorkflowType = 'rollout' AND RolloutService = '${name}' AND RolloutEnvironment = '${environment}'`;
    const runs: TemporalRun[] = [];
    for await (const { workflowId, status } of client.workflow.list({ query })) {
      const isOver = status.name === 'COMPLETED';
      const result = isOver ? ((await client.workflow.getHandle(workflowId).result()) as RolloutResult) : undefined;
      runs.push({ workflowId, status: status.name, ...(result ? { result } : {}) });
    }
    return runs;
  });
}

/** Of operations on any stack, by living and by dead owners. */
export async function claimsIn(place: string): Promise<string[]> {
  const store = await openStore(place, { readOnly: true });
  try {
    const claims = await store.ledger.operations.list();
    return claims.map(({ id, operation }) => `${operation} of ${id.project}/${id.stack}`);
  } finally {
    await store.close();
  }
}

async function names(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
