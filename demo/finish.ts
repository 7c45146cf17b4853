import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type SupplantClient } from '../src/contract/supplant-client.ts';
import type { DataFolder } from '../src/data-folder.ts';
import type { ServiceKey } from '../src/domain/service/service.ts';
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

/** What is left when everything has ended. A process may be seen for a moment after its parent was told of its end. */
export async function countLeftovers(folder: DataFolder): Promise<Leftovers> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const left = await leftovers(folder);
    if (left.processes.length === 0 || Date.now() > deadline) return left;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Recomputes the audit chain from the file, with nothing running that could help. */
export async function verifyAudit(folder: DataFolder): Promise<DemoReport['audit']> {
  const store = await openStore(folder.store, { readOnly: true });
  try {
    const verdict = await store.audit.verify();
    if (!verdict.ok) return { events: verdict.events, verified: false, fault: verdict.fault };
    return { events: verdict.events, verified: verdict.events > 0 };
  } finally {
    await store.close();
  }
}
