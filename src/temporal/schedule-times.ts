import { type Client, ScheduleNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { ExperimentKey } from '../domain/experiment/experiment.ts';
import { experimentIds } from '../domain/experiment/run.ts';

const SECOND_MS = 1_000;
const NOT_FOUND = 5;

/**
 * When an experiment's schedule in Temporal would have begun runs in a span of time, both ends included; with jitter as it
 * is. In milliseconds since the epoch, at most 1,000.
 *
 * @throws ScheduleNotFoundError
 */
export async function listScheduledTimes(
  client: Client,
  key: ExperimentKey,
  from: number,
  to: number,
): Promise<number[]> {
  const scheduleId = experimentIds.schedule(key);
  // A second more at both ends: whether Temporal counts those is its own affair.
  const { startTime } = await client.workflowService
    .listScheduleMatchingTimes({
      namespace: client.options.namespace,
      scheduleId,
      startTime: toTimestamp(from - SECOND_MS),
      endTime: toTimestamp(to + SECOND_MS),
    })
    .catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
      throw new ScheduleNotFoundError(`there is no schedule ${scheduleId}`, scheduleId);
    });
  return startTime.map(fromTimestamp).filter((time) => time >= from && time <= to);
}

type Timestamp = proto.google.protobuf.ITimestamp;

function toTimestamp(millis: number): Timestamp {
  const seconds = Math.floor(millis / SECOND_MS);
  return proto.google.protobuf.Timestamp.fromObject({ seconds, nanos: (millis - seconds * SECOND_MS) * 1e6 });
}

function fromTimestamp({ seconds, nanos }: Timestamp): number {
  return Number(seconds?.toString() ?? 0) * SECOND_MS + Math.floor((nanos ?? 0) / 1e6);
}
