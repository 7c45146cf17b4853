import type { Endpoint } from '../../domain/service/revision.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { PortListener } from '../embedded/plane.ts';
import { nameHost } from '../embedded/client-place.ts';
import { codeOf } from '../embedded/faults.ts';
import { probePort } from '../embedded/probe-port.ts';
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
  /** Whether it is the service's preview address. */
  isPreview: boolean;
  traffic: ServiceTraffic;
  settings: ProcessSettings;
  places: ProcessPlaces;
  /** Gives the process that already serves a port of the service at an address, to one who asks. */
  claim: (port: number, listen: string) => HaproxyProcess | undefined;
}

/** A port of one service, served by a HAProxy of its own. */
export class HaproxyListener implements PortListener {
  readonly #parts: ListenerParts;
  #process: HaproxyProcess | undefined;
  #closed: Promise<void> | undefined;
  readonly listen: string;
  freed: Promise<void> | undefined;

  constructor(parts: ListenerParts, listen: string) {
    this.#parts = parts;
    this.listen = listen;
  }

  get address(): Endpoint {
    return { host: nameHost(this.#parts.settings.clients, this.listen), port: this.#process?.port ?? 0 };
  }

  async open(port: number, isBeside = false): Promise<void> {
    const { traffic, claim } = this.#parts;
    const running = claim(port, this.listen);
    if (running) {
      await running.follow(traffic.wanted);
      this.#process = running;
      return;
    }
    const process = await this.#start(port, isBeside);
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

  async #start(wanted: number, isBeside: boolean): Promise<HaproxyProcess> {
    const { service, isPreview, traffic, settings, places } = this.#parts;
    const of = { service, listen: this.listen, ...(isPreview ? { isPreview: true as const } : {}) };
    for (let attempt = 1; ; attempt += 1) {
      // HAProxy itself shares its port with whoever would, so that is asked of nobody but the one whose place it takes.
      const port = isBeside ? wanted : await probePort(this.listen, wanted);
      const folder = new ProcessFolder(places.root, places.sockets);
      try {
        return await HaproxyProcess.start(settings, folder, { ...of, port }, traffic.wanted);
      } catch (error) {
        const isLost = wanted === 0 && codeOf(error) === 'EADDRINUSE' && attempt < FREE_PORTS_TO_TRY;
        if (!isLost) throw error;
      }
    }
  }
}
