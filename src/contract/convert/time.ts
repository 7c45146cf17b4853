import { type Duration, type Timestamp, durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';

/** From ISO 8601. */
export function toTimestamp(iso: string | undefined): Timestamp | undefined {
  const milliseconds = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(milliseconds) ? undefined : timestampFromMs(milliseconds);
}

/** As ISO 8601; of what is beyond the years 1 to 9999, which no timestamp may be, a text that nobody takes for a time. */
export function fromTimestamp(timestamp: Timestamp | undefined): string | undefined {
  if (!timestamp) return undefined;
  const milliseconds = timestampMs(timestamp);
  const isTime = milliseconds >= EARLIEST_MS && milliseconds <= LATEST_MS;
  return isTime ? new Date(milliseconds).toISOString() : `second ${timestamp.seconds} from 1970 on`;
}

const EARLIEST_MS = Date.parse('0001-01-01T00:00:00Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** As ISO 8601; the beginning of time for one that should be there and is not. */
export function fromRequiredTimestamp(timestamp: Timestamp | undefined): string {
  return fromTimestamp(timestamp) ?? new Date(0).toISOString();
}

export function toDuration(milliseconds: number): Duration {
  return durationFromMs(milliseconds);
}

/** In milliseconds. */
export function fromDuration(duration: Duration | undefined, fallback: number): number {
  return duration ? durationMs(duration) : fallback;
}
