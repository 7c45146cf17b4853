import { type Duration, type Timestamp, durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';

/** From ISO 8601. */
export function toTimestamp(iso: string | undefined): Timestamp | undefined {
  const milliseconds = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(milliseconds) ? undefined : timestampFromMs(milliseconds);
}

/** As ISO 8601. */
export function fromTimestamp(timestamp: Timestamp | undefined): string | undefined {
  return timestamp ? new Date(timestampMs(timestamp)).toISOString() : undefined;
}

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
