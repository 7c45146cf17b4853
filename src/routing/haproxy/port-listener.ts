import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Endpoint } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { PortListener } from '../embedded/plane.ts';
import { codeOf } from '../embedded/faults.ts';
import { ProcessFolder } from './process-folder.ts';
import { HaproxyProcess, type ProcessSettings } from './process.ts';
import type { ServiceTraffic } from './service-traffic.ts';

/** How often another free port is tried: one may be taken between the look and the start. */
const FREE_PORTS_TO_TRY = 3;

/** Where processes keep their files. */
export interface ProcessPlaces {
  root: string;
  sockets: string;
}

export interface ListenerParts {
  service: ServiceKey;
  traffic: ServiceTraffic;
  settings: ProcessSettings;
  places: ProcessPlaces;
  /** Gives the process that already serves a port of the service, to one who asks. */
  claim: (port: number) => HaproxyProcess | undefined;
}

/** The port of one service, served by a HAProxy of its own. */
export class HaproxyListener implements PortListener {
  readonly #parts: ListenerParts;
  #process: HaproxyProcess | undefined;
  #closed: Promise<void> | undefined;
  freed: Promise<void> | undefined;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  get address(): Endpoint {
    return { host: this.#parts.settings.clients.host, port: this.#process?.port ?? 0 };
  }

  async open(port: number): Promise<void> {
    const { traffic, claim } = this.#parts;
    const running = claim(port);
    if (running) {
      await running.follow(traffic.wanted);
      this.#process = running;
      return;
    }
    const process = await this.#start(port);
    this.#process = process;
    traffic.add(process);
  }

  close(): Promise<void> {
    this.#closed ??= this.#leave();
    return this.#closed;
  }

  cut(): void {
    this.#process?.cut();
  }

  async #leave(): Promise<void> {
    const left = this.#process?.leave();
    this.freed = left?.freed;
    await left?.ended;
  }

  async #start(wanted: number): Promise<HaproxyProcess> {
    const { service, traffic, settings, places } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      const port = await probePort(settings.clients.listen, wanted);
      const folder = new ProcessFolder(places.root, places.sockets);
      try {
        return await HaproxyProcess.start(settings, folder, { service, port }, traffic.wanted);
      } catch (error) {
        const isLost = wanted === 0 && codeOf(error) === 'EADDRINUSE' && attempt < FREE_PORTS_TO_TRY;
        if (!isLost) throw error;
      }
    }
  }
}

/**
 * The port, or a free one for 0.
 *
 * @throws Error of `listen(2)`, in Node's words, where it cannot be had
 */
async function probePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await once(server.listen({ host, port, exclusive: true }), 'listening');
  const { port: found } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return found;
}
