import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Cloud, type CloudCall, type ResourceRequest } from './cloud.ts';

/** Which machine, and which program of it, asks. */
export const CALLER_HEADER = 'x-caller';

interface Answer {
  status: number;
  body?: unknown;
}

/**
 * A double of a cloud that outlives all machines that use it, as an HTTP server with an API of its own:
 * `POST /resources` (409 where there is one of that name), `GET` and `DELETE /resources/NAME`, and
 * `GET /resources?tag.KEY=VALUE&after=NAME`, page by page. A create that was accepted is carried out, whoever waits for it.
 */
export class CloudServer implements AsyncDisposable {
  readonly cloud: Cloud;
  readonly #server: Server;

  private constructor(cloud: Cloud, server: Server) {
    this.cloud = cloud;
    this.#server = server;
  }

  /** @param host the address that it and its instances listen at */
  static async start(host: string, port = 0): Promise<CloudServer> {
    const cloud = new Cloud(host);
    const server = createServer((request, response) => void answer(cloud, request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return new CloudServer(cloud, server);
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.cloud.close();
  }
}

async function answer(cloud: Cloud, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://cloud');
  const named = decodeURIComponent(pathname.slice('/resources/'.length));
  const caller = String(request.headers[CALLER_HEADER] ?? '?');
  const noted = (verb: CloudCall['verb'], name: string, { status, body }: Answer): void => {
    cloud.calls.push({ caller, verb, name, status });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
  };
  switch (request.method) {
    case 'POST': {
      const wanted = JSON.parse(await text(request)) as ResourceRequest;
      noted('create', wanted.name, await create(cloud, wanted));
      return;
    }
    case 'DELETE':
      noted('delete', named, { status: (await cloud.delete(named)) ? 200 : 404 });
      return;
    default:
      if (named !== '') noted('read', named, read(cloud, named));
      else noted('list', '', { status: 200, body: list(cloud, searchParams) });
  }
}

async function create(cloud: Cloud, wanted: ResourceRequest): Promise<Answer> {
  const accepted = cloud.create(wanted);
  if (!accepted) return { status: 409, body: { error: `${wanted.name} already exists` } };
  return { status: 201, body: await accepted.made };
}

function read(cloud: Cloud, name: string): Answer {
  const found = cloud.find(name);
  return found ? { status: 200, body: found } : { status: 404, body: { error: `there is no ${name}` } };
}

function list(cloud: Cloud, query: URLSearchParams) {
  const tags = [...query].filter(([key]) => key.startsWith('tag.')).map(([key, value]) => [key.slice(4), value]);
  return cloud.list(Object.fromEntries(tags) as Record<string, string>, query.get('after') ?? '');
}
