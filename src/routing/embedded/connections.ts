import { EndpointConnection, type ConnectionOwner, type ConnectionUser } from './endpoint-connection.ts';
import { LIMITS } from './limits.ts';
import type { Upstream } from './target.ts';

/** Connections to all endpoints. Closed when the endpoint or their idle time says so, never by a route change. */
export class Connections {
  readonly #pools = new Map<string, Pool>();
  #sweeper: NodeJS.Timeout | undefined;

  /**
   * Gets the user a connection; it is told when that stands.
   * @param reuse one that was used before will do
   */
  connect(upstream: Upstream, user: ConnectionUser, reuse: boolean): EndpointConnection {
    const pool = this.#poolOf(upstream);
    const idle = reuse ? pool.take() : undefined;
    if (!idle) return new EndpointConnection(upstream, user, pool);
    idle.reuse(user);
    return idle;
  }

  #poolOf({ origin }: Upstream): Pool {
    const known = this.#pools.get(origin);
    if (known) return known;
    const pool = new Pool();
    this.#pools.set(origin, pool);
    this.#sweeper ??= setInterval(() => this.#sweep(), LIMITS.idleSweepMs).unref();
    return pool;
  }

  #sweep(): void {
    const now = performance.now();
    for (const [origin, pool] of this.#pools) {
      pool.closeIdle(now);
      if (pool.size === 0) this.#pools.delete(origin);
    }
    if (this.#pools.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

/** The idle connections to one endpoint, the one that was used last at the end. */
class Pool implements ConnectionOwner {
  #idle: EndpointConnection[] = [];

  get size(): number {
    return this.#idle.length;
  }

  take(): EndpointConnection | undefined {
    const now = performance.now();
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (!expired(last, now)) return last;
      last.destroy();
    }
    return undefined;
  }

  closeIdle(now: number): void {
    for (const connection of this.#idle.filter((candidate) => expired(candidate, now))) connection.destroy();
  }

  onFree(connection: EndpointConnection): void {
    if (connection.idleMs <= 0 || this.#idle.length >= LIMITS.idlePerEndpoint) {
      connection.destroy();
      return;
    }
    connection.idleSince = performance.now();
    this.#idle.push(connection);
  }

  onGone(connection: EndpointConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }
}

function expired({ idleSince, idleMs }: EndpointConnection, now: number): boolean {
  return now - idleSince >= idleMs;
}
