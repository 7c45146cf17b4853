import { connect } from 'node:net';
import { type Endpoint, formatEndpointUrl } from '../../domain/service/revision.ts';
import { codeOf } from './faults.ts';

/** On the same host or network: anyone who listens accepts within this, in milliseconds. */
const LIMIT_MS = 500;

/** However many people look, an endpoint is asked once in this time, in milliseconds. */
const FRESH_MS = 1_000;

/**
 * Which endpoints accept connections, asked for when somebody looks: a service that cannot start shows that before its
 * first client does, and costs nothing while nobody looks.
 */
export class Reachability {
  readonly #looks = new Map<string, { at: number; found: Promise<string | undefined> }>();

  /** What is wrong with each that does not: `127.0.0.1:43121 refuses connections`. */
  async unreachable(endpoints: readonly Endpoint[]): Promise<string[]> {
    const found = await Promise.all(endpoints.map((endpoint) => this.#look(endpoint)));
    return found.flatMap((fault) => fault ?? []);
  }

  #look(endpoint: Endpoint): Promise<string | undefined> {
    const now = performance.now();
    for (const [key, { at }] of this.#looks) if (now - at > FRESH_MS) this.#looks.delete(key);
    const key = formatEndpointUrl(endpoint);
    const look = this.#looks.get(key) ?? { at: now, found: faultOf(endpoint) };
    this.#looks.set(key, look);
    return look.found;
  }
}

async function faultOf({ host, port }: Endpoint): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const name = formatEndpointUrl({ host, port }).slice('http://'.length);
  const socket = connect({ host, port });
  socket.setTimeout(LIMIT_MS, () => resolve(`${name} does not accept connections within ${LIMIT_MS} ms`));
  socket.once('connect', () => resolve(undefined));
  socket.once('error', (error) => resolve(`${name} ${told(error)}`));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

function told(error: Error): string {
  return codeOf(error) === 'ECONNREFUSED' ? 'refuses connections' : `cannot be connected to: ${error.message}`;
}
