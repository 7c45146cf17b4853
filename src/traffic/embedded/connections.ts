import { Agent } from 'undici';
import { LIMITS } from './limits.ts';

/** Connections to all endpoints. Closed when the endpoint or its idle time-out says so, never by a route change. */
export class Connections {
  /** Keeps connections for the next request. */
  readonly kept: Agent;
  /** Opens one for each request. */
  readonly fresh: Agent;

  constructor() {
    const options = {
      connect: { timeout: LIMITS.connectMs },
      headersTimeout: LIMITS.answerHeadMs,
      bodyTimeout: LIMITS.answerSilenceMs,
      keepAliveTimeout: LIMITS.endpointIdleMs,
    };
    this.kept = new Agent(options);
    this.fresh = new Agent({ ...options, pipelining: 0 });
  }
}
