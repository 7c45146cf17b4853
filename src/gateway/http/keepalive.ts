import type { ServerHttp2Session } from 'node:http2';

/** When a silent connection is asked for a sign of life, and how long that may take, in milliseconds. */
export interface Keepalive {
  everyMs: number;
  patienceMs: number;
}

export const KEEPALIVE: Keepalive = { everyMs: 30_000, patienceMs: 10_000 };

/** Ends a session whose peer is gone: TCP alone would not notice while nothing is sent. */
export function keepAlive(session: ServerHttp2Session, { everyMs, patienceMs }: Keepalive): void {
  const timer = setInterval(() => {
    const late = setTimeout(() => session.destroy(), patienceMs);
    // False where the session is closing, or too many pings are on their way.
    const sent = !session.destroyed && session.ping(() => clearTimeout(late));
    if (!sent) clearTimeout(late);
  }, everyMs);
  session.once('close', () => clearInterval(timer));
}
