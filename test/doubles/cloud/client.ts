import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Resource, ResourceRequest } from './cloud.ts';
import { CALLER_HEADER } from './server.ts';

/** Between two looks at what is being made, in milliseconds. */
const PAUSE_MS = 200;
/** A cloud that does not answer within so long is as good as none, in milliseconds. */
const PATIENCE_MS = 60_000;

/** The API of the double of a cloud, as a provider uses it. */
export class CloudClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** False where there is one of that name already. */
  async create(wanted: ResourceRequest, signal?: AbortSignal): Promise<boolean> {
    const { status } = await this.#call('POST', '/resources', { body: wanted, signal });
    return status !== 409;
  }

  async find(name: string): Promise<Resource | undefined> {
    const { status, body } = await this.#call('GET', `/resources/${encodeURIComponent(name)}`);
    return status === 404 ? undefined : (body as Resource);
  }

  /** Waits until it is there for use. @throws Error where it goes meanwhile */
  async awaitRunning(name: string, signal?: AbortSignal): Promise<Resource> {
    for (;;) {
      signal?.throwIfAborted();
      const found = await this.find(name);
      if (!found || found.state === 'deleting') throw new Error(`${name} was deleted while it was waited for`);
      if (found.state === 'running') return found;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }

  /** Does nothing where there is none. */
  async delete(name: string): Promise<void> {
    await this.#call('DELETE', `/resources/${encodeURIComponent(name)}`);
  }

  /** All that has these tags, page by page. */
  async *list(tags: Readonly<Record<string, string>>): AsyncIterable<Resource[]> {
    for (let after: string | undefined = ''; after !== undefined;) {
      const query = new URLSearchParams({ after, ...Object.fromEntries(entriesOf(tags)) });
      const { body } = await this.#call('GET', `/resources?${query.toString()}`);
      const { resources, next } = body as Page;
      yield resources;
      after = next;
    }
  }

  async #call(
    method: string,
    path: string,
    { body, signal }: { body?: unknown; signal?: AbortSignal | undefined } = {},
  ): Promise<{ status: number; body: unknown }> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const response = await reach(`${this.#url}${path}`, {
      method,
      headers: { [CALLER_HEADER]: `${hostname()} ${process.pid}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    const answer = await response.json();
    if (response.status >= 500) throw new Error(`the cloud answers ${response.status}: ${JSON.stringify(answer)}`);
    return { status: response.status, body: answer };
  }
}

/** What a connection fails with before anything was sent. */
const UNREACHED: readonly unknown[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** As the SDKs of clouds do: asks again while there is no way to the cloud. */
async function reach(url: string, request: RequestInit & { signal: AbortSignal }): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url, request);
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
      if (!UNREACHED.includes(code)) throw error;
      await sleep(PAUSE_MS, undefined, { signal: request.signal });
    }
  }
}

function entriesOf(tags: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(tags).map(([key, value]) => [`tag.${key}`, value]);
}
