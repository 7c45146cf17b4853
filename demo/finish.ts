import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type SupplantClient } from '../src/contract/supplant-client.ts';
import type { DataFolder } from '../src/data-folder.ts';
import { type ExperimentKey, formatExperimentId } from '../src/domain/experiment/experiment.ts';
import type { ServiceKey } from '../src/domain/service/service.ts';
import type { ChainVerdict } from '../src/store/audit/store.ts';
import { openStore } from '../src/store/store.ts';
import { type Leftovers, leftovers } from './leftovers.ts';
import type { DemoReport } from './report.ts';

/** What has begun to end is gone within this, in milliseconds; what is still there then is left over. */
const SETTLE_MS = 3000;
const LOOK_EVERY_MS = 50;

/** Takes the service away, as `supplant remove` does. One that a person removed meanwhile is fine too. */
export async function removeService(
  client: SupplantClient,
  service: ServiceKey,
  signal: AbortSignal,
): Promise<DemoReport['removal']> {
  const began = performance.now();
  try {
    const change = { actor: 'demo', reason: 'the story is over', requestId: randomUUID() };
    const receipt = await client.remove(service, change);
    const { outcome = 'none' } = await client.waitForRollout(service, receipt.rollout, signal);
    return { outcome, seconds: (performance.now() - began) / 1000 };
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NOT_FOUND') return { outcome: 'succeeded', seconds: 0 };
    throw error;
  }
}

/** Takes the experiment away, as `supplant experiment delete` does; its results stay. One that is not there is fine. */
export async function deleteExperiment(client: SupplantClient, experiment: ExperimentKey): Promise<void> {
  try {
    const change = { actor: 'demo', reason: 'the story is over', requestId: randomUUID() };
    await client.experiments.delete(experiment, change);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NOT_FOUND') throw error;
  }
}

/** What is left when everything has ended. A process may be seen for a moment after its parent was told of its end. */
export async function countLeftovers(folder: DataFolder): Promise<Leftovers> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const left = await leftovers(folder);
    if (left.processes.length === 0 || Date.now() > deadline) return left;
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the record says in the end. */
export interface RecordFindings {
  audit: DemoReport['audit'];
  /** Stacks that somebody has a lease of. */
  leases: string[];
  /** Those that are not deleted. */
  experiments: string[];
}

/** Reads the record, and recomputes the audit chain, with nothing running that could help. */
export async function inspectRecord(folder: DataFolder): Promise<RecordFindings> {
  const store = await openStore(folder.store, { readOnly: true });
  try {
    const { leases, experiments } = store.experiments;
    return {
      audit: reportAudit(await store.audit.verify()),
      leases: (await leases.list()).map(({ stack }) => stack),
      experiments: (await experiments.list()).map(({ spec }) => formatExperimentId(spec.experiment)),
    };
  } finally {
    await store.close();
  }
}

function reportAudit(verdict: ChainVerdict): DemoReport['audit'] {
  const { events } = verdict;
  return verdict.ok ? { events, verified: events > 0 } : { events, verified: false, fault: verdict.fault };
}
