import type { ExperimentKey } from '../../../src/domain/experiment/experiment.ts';
import { formatExperimentId } from '../../../src/domain/experiment/experiment.ts';
import type { Lease } from '../../../src/domain/experiment/lease.ts';
import { type RunStatus, experimentIds, formatRunName } from '../../../src/domain/experiment/run.ts';
import { formatServiceId } from '../../../src/domain/service/service.ts';
import type { AuditEvent, ChainVerdict } from '../../../src/store/audit/store.ts';
import { readStat } from '../../../src/host/process-identity.ts';
import { openStore } from '../../../src/store/store.ts';
import { type HostEvidence, gatherHost } from '../checks/evidence.ts';
import { hostLeftovers } from '../checks/existing.ts';
import { type Finding, findings } from '../findings.ts';
import { withTemporal } from '../temporal.ts';
import type { World } from '../world.ts';
import type { Live } from './live.ts';

/** All that can be seen of experiments from outside, at one moment. */
export interface ExperimentEvidence {
  /** Of all stacks there are. */
  host: HostEvidence;
  chain: ChainVerdict;
  /** Of the experiments asked for, oldest first. */
  events: AuditEvent[];
  runs: RunStatus[];
  /** Of all experiments. */
  leases: Lease[];
  /** Ids of what Temporal has scheduled for experiments. */
  schedules: string[];
  /** Of the live service. */
  liveEvents: AuditEvent[];
}

const MOST = 100_000;

export async function gatherExperiments(
  world: World,
  keys: readonly ExperimentKey[],
  live: Live,
): Promise<ExperimentEvidence> {
  const store = await openStore(world.storePlace, { readOnly: true });
  try {
    const { audit, experiments } = store;
    const list = (subject: string): Promise<AuditEvent[]> => audit.list({ subject, limit: MOST });
    const [events, runs] = [[] as AuditEvent[], [] as RunStatus[]];
    for (const key of keys) {
      events.push(...(await list(formatExperimentId(key))));
      runs.push(...(await experiments.runs.list(key, { limit: MOST })).map(({ status }) => status));
    }
    return {
      ...{ events, runs },
      chain: await audit.verify(),
      leases: await experiments.leases.list(),
      schedules: await listSchedules(world),
      liveEvents: await list(formatServiceId(live.service)),
      host: await gatherHost(world),
    };
  } finally {
    await store.close();
  }
}

async function listSchedules(world: World): Promise<string[]> {
  const prefix = experimentIds.schedule({ name: '', environment: '' }).slice(0, -1);
  return withTemporal(world, async ({ schedule }) => {
    const found: string[] = [];
    for await (const { scheduleId } of schedule.list()) if (scheduleId.startsWith(prefix)) found.push(scheduleId);
    return found;
  });
}

/** What is left of experiments that were deleted. */
export function experimentLeftovers(evidence: ExperimentEvidence, live: Live): Finding[] {
  const { host, leases, schedules, runs } = evidence;
  return [
    ...hostLeftovers(withoutLive(host, live)),
    ...findings('leaked', [
      ...leases.map(({ stack }) => `the lease of ${stack} is left`),
      ...schedules.map((id) => `the schedule ${id} is left`),
    ]),
    ...findings(
      'stuck',
      runs.filter(({ outcome }) => outcome === undefined).map((run) => `${formatRunName(run)} has come to no end`),
    ),
  ];
}

/** What the live service has is no leftover. */
function withoutLive(host: HostEvidence, { stack }: Live): HostEvidence {
  const others = (name: string): boolean => name !== stack;
  const serving = host.serving.filter((each) => each.stack === stack).map(({ pid }) => pid);
  // What bounds its log is named after where that is.
  const logging = host.processes.filter(({ command }) => command.includes(`/${stack}/`)).map(({ pid }) => pid);
  const own = new Set([...serving, ...logging]);
  const isOwn = (pid: number): boolean => own.has(pid) || own.has(readStat(pid)?.parent ?? 0);
  return {
    ...host,
    provided: host.provided.filter(others),
    inState: host.inState.filter(others),
    serving: host.serving.filter((each) => others(each.stack)),
    ports: host.ports.slice(serving.length > 0 ? 1 : 0),
    processes: host.processes.filter(({ pid }) => !isOwn(pid)),
  };
}

/** What the record says against itself. */
export function experimentRecordFindings({ chain, events, runs }: ExperimentEvidence): Finding[] {
  const broken = chain.ok ? [] : [`the audit chain is broken at ${chain.brokenSeq}: ${chain.fault}`];
  const faults = runs.flatMap((run) => {
    const name = formatRunName(run);
    const ends = events.filter(({ type, rollout }) => rollout === name && /^run\.(ended|skipped)$/.test(type));
    const said = ends.map(({ data }) => data.outcome as string);
    if (said.length === 1 && said[0] === run.outcome) return [];
    return [
      `${name} has ended ${said.join(' and ') || 'never'} by the audit log, ${String(run.outcome)} by its record`,
    ];
  });
  return findings('lost', [...broken, ...faults]);
}
