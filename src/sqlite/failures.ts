import { AuditUnavailableError } from '../audit/store.ts';

// Primary result codes, https://www.sqlite.org/rescode.html
const REMEDIES: Record<number, string> = {
  5: 'another process has been writing to it for too long; end that process or try again',
  8: 'it cannot be written; check who owns the file and its folder',
  10: 'the disk reports an error; check the disk, then try again',
  11: 'it is damaged; put a copy from a backup in its place, or move it away to begin a new record',
  13: 'the disk is full; make room, then try again',
  14: 'it cannot be opened; check that its folder exists and who may write there',
  26: 'it is not a SQLite file; move it away or name another path',
};

/** Runs something on the file at `path`; what SQLite reports about the file becomes an error that says what to do. */
export function withClearErrors<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw clearError(path, error);
  }
}

function clearError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_INVALID_STATE') return new AuditUnavailableError(`${path}: the store is closed`);
  if (error.code === 'ERR_OUT_OF_RANGE') {
    return new AuditUnavailableError(
      `${path}: it holds a number that no program of ours writes; compare with a backup`,
    );
  }
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return error;
  // The low byte of an extended result code is the primary one.
  const remedy = REMEDIES[(error.errcode as number) & 0xff];
  return remedy === undefined ? error : new AuditUnavailableError(`${path}: ${remedy}`, { cause: error });
}
