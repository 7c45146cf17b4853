/** What went wrong, as errno and undici call it, in words. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed before the answer was complete',
  EPIPE: 'connection closed before the answer was complete',
  UND_ERR_SOCKET: 'connection closed before the answer was complete',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'answer of another length than it says',
  UND_ERR_HEADERS_OVERFLOW: 'answer with too many headers',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ETIMEDOUT: 'no connection in time',
  EHOSTUNREACH: 'no way to the host',
  ENETUNREACH: 'no way to the host',
  ENOTFOUND: 'host name not known',
  EAI_AGAIN: 'host name not known',
  EMFILE: 'no more connections on the machine that probes',
  EADDRNOTAVAIL: 'no more connections on the machine that probes',
};
const LONGEST = 100;

/** Why a request failed, in words that are the same for the same reason: no address or number of a socket in them. */
export function describeFailure(error: Error): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  // It has a code only sometimes.
  if (error.name === 'HTTPParserError') return 'answer is no HTTP';
  return REASONS[code] ?? (code === '' ? error.message.slice(0, LONGEST).toWellFormed() : `failed with ${code}`);
}

/** How many kinds are told apart: what is over is one kind. */
export const MOST_KINDS = 10;
const OTHERS = 'other errors';
/** Kinds that are counted apart until it is known which are the most frequent. */
const MOST_COUNTED = 100;

/** Counts errors by what they are. Takes as much memory for a million as for a hundred of them. */
export class ErrorKinds {
  readonly #counts = new Map<string, number>();
  total = 0;

  add(what: string): void {
    this.total += 1;
    const kind = this.#counts.has(what) || this.#counts.size < MOST_COUNTED ? what : OTHERS;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** The most frequent first, at most {@link MOST_KINDS}; what has no place among them is the last. */
  list(): { what: string; count: number }[] {
    const named = [...this.#counts].filter(([what]) => what !== OTHERS).sort(([, one], [, other]) => other - one);
    const fits = named.length === this.#counts.size && named.length <= MOST_KINDS;
    const shown = named.slice(0, fits ? MOST_KINDS : MOST_KINDS - 1).map(([what, count]) => ({ what, count }));
    const rest = this.total - shown.reduce((sum, { count }) => sum + count, 0);
    return rest === 0 ? shown : [...shown, { what: OTHERS, count: rest }];
  }
}
