import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../src/domain/service/revision.ts';
import type { Version } from './sample.ts';

/** Between two requests, in milliseconds: how exactly a switch is seen, and what seeing it takes from the machine. */
const PAUSE_MS = 4;

/** A client of the service: one request at a time over one connection. */
export class Probe implements Disposable {
  readonly #address: Endpoint;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(address: Endpoint) {
    this.#address = address;
  }

  /** Asks until a version answers; returns when that answer was complete, on the clock of `performance.now()`. */
  async untilAnsweredBy(version: Version, limitMs = 30_000): Promise<number> {
    const deadline = performance.now() + limitMs;
    while ((await this.#ask()) !== version) {
      if (performance.now() > deadline) throw new Error(`no answer from version ${version} within ${limitMs} ms`);
      await sleep(PAUSE_MS);
    }
    return performance.now();
  }

  /** How many of `count` requests another version answers. */
  async strays(version: Version, count: number): Promise<number> {
    let strays = 0;
    for (let index = 0; index < count; index += 1) {
      if ((await this.#ask()) !== version) strays += 1;
      await sleep(PAUSE_MS);
    }
    return strays;
  }

  async #ask(): Promise<string> {
    const asked = request({ ...this.#address, path: '/', agent: this.#agent });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return text(response);
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
