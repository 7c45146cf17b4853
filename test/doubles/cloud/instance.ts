import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How what runs in an instance behaves: `unhealthy` serves users, and fails its health check. */
export type InstanceBehaviour = 'good' | 'unhealthy';

/** What an instance runs: a server that answers its version, and on `/health` as its behaviour says. */
export class Instance {
  readonly #server: Server;
  #port = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(host: string, version: string, behaviour: InstanceBehaviour): Promise<Instance> {
    const server = createServer((asked, answer) => {
      const isWell = asked.url !== '/health' || behaviour !== 'unhealthy';
      answer.writeHead(isWell ? 200 : 500).end(version);
    });
    const instance = new Instance(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, resolve);
    });
    instance.#port = (server.address() as AddressInfo).port;
    return instance;
  }

  get port(): number {
    return this.#port;
  }

  /** Finishes what is under way. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeIdleConnections();
    await closed;
  }
}
