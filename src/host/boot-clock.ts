import { uptime } from 'node:os';

/**
 * Milliseconds since the machine was started, the same for all of its processes, whoever sets its clock. On Linux the time
 * that it was suspended for counts, to a hundredth of a second.
 */
export function readBootClock(): number {
  // Elsewhere the uptime follows from the time of day.
  return process.platform === 'linux' ? uptime() * 1000 : Number(process.hrtime.bigint() / 1_000_000n);
}
