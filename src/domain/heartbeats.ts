/**
 * Lost workers are noticed within this, in milliseconds. Three beats in a row have to be lost, and the next to be late,
 * before something living is taken for dead: a worker whose event loop stands still. What that costs is an attempt beside
 * another, which records and route generations hold apart. `npm run bench -- recovery` counts both.
 */
export const HEARTBEAT_TIMEOUT_MS = 3_500;

/** For what lasts for hours: a thousand of them must not keep the server busy with beats alone. */
const LONGEST_TIMEOUT_MS = 120_000;

/** A step that lasts may lose this part of its time to a machine that is lost. A worker that was killed is told at once. */
const PART_LOST = 1 / 15;

/**
 * When a step that lasts for some time is begun again because nobody has heard of it, in milliseconds: 3.5 s up to a length
 * of 52 s, two minutes from half an hour on.
 */
export function heartbeatTimeoutMs(lastsMs: number): number {
  return Math.round(Math.min(LONGEST_TIMEOUT_MS, Math.max(HEARTBEAT_TIMEOUT_MS, lastsMs * PART_LOST)));
}

/** Often enough that three beats may be late or lost within the time-out, both in milliseconds. */
export function beatMs(timeoutMs: number): number {
  return Math.round(timeoutMs / 3.5);
}
