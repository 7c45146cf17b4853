import { AuditUnavailableError, StoreMissingError } from '../audit/store.ts';

const BUSY = 5;

const WAY_OUT = 'move it and what lies beside it (-wal, -shm) away, then restore a backup: supplant restore FILE';

// Primary result codes, https://www.sqlite.org/rescode.html
const REMEDIES: Record<number, string> = {
  [BUSY]: 'another process has been writing to it for too long; end that process or try again',
  8: 'it cannot be written; check who owns the file and its folder, and that the disk is not mounted read-only',
  10: 'the disk reports an error; check the disk and the room on it, then try again',
  11: `it is damaged; ${WAY_OUT}`,
  13: 'the disk is full; nothing was recorded; make room, then try again',
  14: 'it cannot be opened; check that its folder exists and who may write there',
  26: 'it is not a SQLite file; move it away or name another path',
};

/** Whether a statement found another process writing. It then had no effect and may be run again. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** What SQLite reports about the file at `path`, as an error that says what to do; any other error as it is. */
export function toClearError(path: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_INVALID_STATE') return new AuditUnavailableError(`${path}: the store is closed`);
  if (code === 'ERR_OUT_OF_RANGE') {
    return new AuditUnavailableError(
      `${path}: it holds a number that no program of ours writes; compare with a backup`,
    );
  }
  const remedy = REMEDIES[primaryCode(error) ?? -1];
  return remedy === undefined ? error : new AuditUnavailableError(`${path}: ${remedy}`, { cause: error });
}

export function createMissingError(path: string): StoreMissingError {
  return new StoreMissingError(`${path}: it cannot be opened; there is no such file: a worker makes it when it starts`);
}

/** Another file is where the one that is open was, or none. */
export function createReplacedError(path: string): AuditUnavailableError {
  return new AuditUnavailableError(
    `${path}: it was moved away or replaced while in use; end this process and start it again`,
  );
}

/** @param finding what SQLite's own check says */
export function createDamagedError(path: string, finding: string): AuditUnavailableError {
  return new AuditUnavailableError(`${path}: it is damaged (${finding.replaceAll(/\s+/g, ' ')}); ${WAY_OUT}`);
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  // The low byte of an extended result code is the primary one.
  return error.errcode & 0xff;
}
