import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { parseServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { type AdminAccess, admit } from './admin-access.ts';
import { AdminError, toAdminError, createNotFound } from './admin-error.ts';
import { type Parsed, parseDrainRequest, parseGeneration, parseRoute } from './parse.ts';
import type { RouteTable } from './route-table.ts';

/** A route with a thousand endpoints is a tenth of this. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * The admin plane, HTTP and JSON:
 *
 * - `GET /health`: `{"pid":…}`
 * - `GET /routes`: all observations
 * - `PUT /routes`: a route; answers with its observation
 * - `GET /routes/NAME/ENVIRONMENT`: its observation, or 404
 * - `DELETE /routes/NAME/ENVIRONMENT?generation=N`: 204
 * - `POST /routes/NAME/ENVIRONMENT/drain`: `{"revision":…,"deadlineMs":…}`; answers `{"requests":…,"connections":…,"afterMs":…}`
 *   with what is left, when that is over
 *
 * Errors are `{"error":{"name":…,"message":…}}`; 401 where whoever asks may give no orders.
 */
export function createAdminServer(table: RouteTable): Server {
  const server = createServer(createAdminHandler(table));
  // Clients keep one connection for as long as they live.
  server.keepAliveTimeout = 0;
  return server;
}

/** @param access who may give orders; everybody who can, unless told, which is what a socket's permissions are for */
export function createAdminHandler(table: RouteTable, access?: AdminAccess): RequestListener {
  return (request, reply) => void answer(table, access, request, reply);
}

async function answer(
  table: RouteTable,
  access: AdminAccess | undefined,
  request: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  try {
    if (access) admit(request, access);
    send(reply, 200, await handle(table, request, reply));
  } catch (error) {
    const { status, name, message } = toAdminError(error);
    send(reply, status, { error: { name, message } });
  }
}

async function handle(table: RouteTable, request: IncomingMessage, reply: ServerResponse): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://router');
  const [root, name, environment, action, ...rest] = pathname.slice(1).split('/');
  if (pathname === '/health') return { pid: process.pid };
  if (root !== 'routes' || rest.length > 0) throw createNotFound(pathname);
  const call = `${request.method ?? ''} ${action ?? ''}`.trim();
  if (name === undefined) {
    if (call === 'GET') return table.observeAll();
    if (call === 'PUT') return table.apply(valid(parseRoute(await readJson(request))));
    throw createNotFound(`${request.method ?? ''} ${pathname}`);
  }
  const service = serviceOf(`${name}/${environment ?? ''}`);
  switch (call) {
    case 'GET':
      return (
        (await table.observe(service)) ?? Promise.reject(createNotFound(`a route of ${name}/${environment ?? ''}`))
      );
    case 'DELETE':
      return table.remove(service, valid(parseGeneration(searchParams.get('generation'))));
    case 'POST drain': {
      const { revision, deadlineMs } = valid(parseDrainRequest(await readJson(request)));
      return table.drain(service, revision, deadlineMs, whenGone(reply));
    }
    default:
      throw createNotFound(`${request.method ?? ''} ${pathname}`);
  }
}

function serviceOf(id: string): ServiceKey {
  const service = parseServiceId(id);
  if (!service) throw new AdminError(422, 'InvalidRouteError', `${id} is not NAME/ENVIRONMENT`);
  return service;
}

function valid<T>({ value, faults }: Parsed<T>): T {
  if (value !== undefined) return value;
  throw new AdminError(422, 'InvalidRouteError', faults.join('; '));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new AdminError(400, 'MalformedRequest', `the body is not JSON: ${(error as Error).message}`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  await once(request, 'end');
  if (size > MAX_BODY_BYTES) throw new AdminError(413, 'MalformedRequest', `the body exceeds ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks).toString();
}

/** Fires when the caller hangs up. */
function whenGone(reply: ServerResponse): AbortSignal {
  const gone = new AbortController();
  reply.once('close', () => gone.abort());
  return gone.signal;
}

function send(reply: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) {
    reply.writeHead(204).end();
    return;
  }
  const body = JSON.stringify(value);
  reply.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}
