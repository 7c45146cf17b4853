import { DefaultLogger } from '@temporalio/worker';

/** One line of JSON on standard error. */
export function note(level: string, message: string, fields: object = {}): void {
  write(new Date(), level, message, fields);
}

/** The same for what Temporal's SDK has to say. */
export const logger = new DefaultLogger('INFO', ({ level, timestampNanos, message, meta }) =>
  write(new Date(Number(timestampNanos / 1_000_000n)), level, message, meta),
);

function write(at: Date, level: string, message: string, fields: object = {}): void {
  console.error(JSON.stringify({ at: at.toISOString(), level, message, ...fields }));
}
