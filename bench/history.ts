/**
 * What a blue-green rollout leaves in Temporal, in steady state: one revision becomes live, one becomes warm, the warm
 * one before is retired. Counts the rollout's own history as the server does; what the service's workflow adds for it,
 * the request and the start and end of the rollout as its child, comes on top in `withService`.
 */
import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { workflowIds } from '../src/domain/service/requests.ts';
import { Platform, change } from './platform.ts';
import { type BenchResult, printResult } from './result.ts';
import { KEEP_ONE, Sample, versionOf } from './sample.ts';

const { EventType } = proto.temporal.api.enums.v1;

const SERVICE = { name: 'web', environment: 'bench' };
const TARGET_EVENTS = 80;
const TARGET_BYTES = 100_000;
/** The third is the first that retires a warm revision. */
const REVISION = 4;

interface Size {
  events: number;
  bytes: number;
}

export async function run(): Promise<BenchResult> {
  await using sample = await Sample.create();
  await using platform = await Platform.start();
  const connection = await Connection.connect({ address: platform.info.temporalAddress });
  try {
    const temporal = new Client({ connection, namespace: platform.info.namespace });
    const release = (revision: number) =>
      platform.done(platform.client.apply(sample.spec('web', versionOf(revision), KEEP_ONE), change()));
    for (let revision = 1; revision < REVISION; revision += 1) await release(revision);
    const before = await size(temporal, workflowIds.service(SERVICE));
    const { number } = await release(REVISION);
    const own = await size(temporal, workflowIds.rollout(SERVICE, number));
    const after = await size(temporal, workflowIds.service(SERVICE));
    await printEvents(temporal, workflowIds.rollout(SERVICE, number));
    return {
      name: 'history',
      value: own.events,
      target: TARGET_EVENTS,
      ok: own.events <= TARGET_EVENTS && own.bytes <= TARGET_BYTES,
      bytes: own.bytes,
      targetBytes: TARGET_BYTES,
      withService: own.events + after.events - before.events,
      bytesWithService: own.bytes + after.bytes - before.bytes,
    };
  } finally {
    await connection.close();
  }
}

/** What Temporal's server counts. */
export async function size(temporal: Client, workflowId: string): Promise<Size> {
  const { historyLength: events, historySize: bytes = 0 } = await temporal.workflow.getHandle(workflowId).describe();
  return { events, bytes };
}

/** How many there are of each type. */
export async function printEvents(temporal: Client, workflowId: string): Promise<void> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const counts = new Map<string, number>();
  for (const { eventType } of events ?? []) {
    const name = (EventType[eventType ?? 0] ?? '').replace('EVENT_TYPE_', '').toLowerCase().replaceAll('_', ' ');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of [...counts].sort((one, other) => other[1] - one[1])) console.log(`${count} × ${name}`);
}

if (import.meta.main) printResult(await run());
