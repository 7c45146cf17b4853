import { AuditUnavailableError } from '../audit/store.ts';
import { SCHEMA } from './schema-name.ts';

interface Failure {
  /** SQLSTATE, the code of the system or of TLS, or what the client's message looks like. */
  is: string[] | RegExp;
  remedy: string;
  /** It passes by itself: what was asked for may be asked again. */
  passes?: true;
  /** The connection is of no more use. */
  lost?: true;
}

const RESTORE = 'restore a backup into another database: supplant restore FILE';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const FAILURES: Failure[] = [
  {
    is: ['ECONNREFUSED', 'ENOENT', 'ENOTDIR'],
    remedy: 'nothing listens there; start Postgres, or correct host and port',
    passes: true,
  },
  { is: ['EAI_AGAIN'], remedy: 'its host name cannot be looked up now; check the name and the network', passes: true },
  { is: ['ENOTFOUND'], remedy: 'there is no such host; correct its name' },
  {
    is: ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', '08000', '08003', '08006', '25P03'],
    remedy: 'the connection was lost; it is made again with the next try',
    ...{ passes: true, lost: true },
  },
  {
    is: /^Connection terminated|connection error and is not queryable|was closed and is not queryable/,
    remedy: 'the connection was lost; it is made again with the next try',
    ...{ passes: true, lost: true },
  },
  {
    is: /timeout exceeded when trying to connect|due to connection timeout|^Query read timeout/,
    remedy: 'it does not answer in time; check that Postgres and the network are well',
    ...{ passes: true, lost: true },
  },
  {
    is: ['57P01', '57P02', '57P03'],
    remedy: 'it is ending or starting; try again once it runs',
    ...{ passes: true, lost: true },
  },
  { is: ['53300'], remedy: 'it has no connection left; end others, or raise max_connections', passes: true },
  { is: ['55P03'], remedy: 'another process has been writing to it for too long; end that process or try again' },
  { is: ['57014'], remedy: 'a statement took too long and was called off; see what Postgres is busy with' },
  { is: ['28P01'], remedy: 'the password is wrong; put the right one into the URL or PGPASSWORD' },
  { is: /^SASL: .*password/, remedy: 'it asks for a password; put it into the URL or PGPASSWORD' },
  { is: ['28000'], remedy: 'it does not let this user in; see pg_hba.conf, and that the user may log in' },
  { is: ['3D000'], remedy: 'there is no such database; make it with createdb, or name another' },
  {
    is: ['42501'],
    remedy: `the user may not do this; let it own the schema '${SCHEMA}', or grant it CREATE on the database`,
  },
  { is: ['25006'], remedy: 'it cannot be written: it is read-only; name the primary, or see who made it so' },
  { is: ['53100'], remedy: 'its disk is full; nothing was recorded; make room, then try again' },
  { is: ['53200', '53400'], remedy: 'it is short of memory or of what else it is limited to; see its log' },
  { is: ['58030'], remedy: 'its disk reports an error; check the disk, then try again' },
  { is: ['XX001', 'XX002'], remedy: `it is damaged; ${RESTORE}` },
  { is: ['42P01', '3F000', '42703'], remedy: `tables of the schema '${SCHEMA}' are missing; ${RESTORE}` },
  { is: /does not support SSL/, remedy: 'it does not speak TLS; leave sslmode out of the URL, or turn TLS on there' },
  {
    is: /^(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(?:VERIFY|GET)|^CERT_|^ERR_TLS_/,
    remedy: 'its certificate cannot be trusted; name its CA with sslrootcert=FILE in the URL',
  },
  { is: /after calling end on the pool/, remedy: 'the store is closed' },
];

/** What the client or the server reports of the database `name`, as an error that says what to do; others as they are. */
export function toClearError(name: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (error instanceof AuditUnavailableError) return error;
  if (error.name === 'UncountableError') {
    return new AuditUnavailableError(
      `${name}: it holds a number that no program of ours writes; compare with a backup`,
      { cause: error },
    );
  }
  const remedy = failureOf(error)?.remedy;
  return remedy === undefined ? error : new AuditUnavailableError(`${name}: ${remedy}`, { cause: error });
}

/** Whether what is in the way passes by itself. */
export function isTransient(error: unknown): boolean {
  return failureOf(error)?.passes === true;
}

export function isLost(error: unknown): boolean {
  return failureOf(error)?.lost === true;
}

/** Whether a statement was refused only because one before it, in the same transaction, had failed. */
export function isAfterFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '25P02';
}

function failureOf(error: unknown): Failure | undefined {
  const cause = error instanceof AuditUnavailableError ? error.cause : error;
  if (!(cause instanceof Error)) return undefined;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return FAILURES.find(({ is }) => (Array.isArray(is) ? is.includes(code) : is.test(code) || is.test(cause.message)));
}
