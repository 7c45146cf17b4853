import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createThrottling, writeFault } from './fault-answer.ts';
import { FaultsOnDemand } from './faults-on-demand.ts';
import { LoadBalancing } from './load-balancing.ts';
import { MotoClient, isRead } from './moto-client.ts';
import {
  AwsFault,
  type QueryFields,
  fieldsOf,
  listOf,
  readQuery,
  readXml,
  textOf,
  writeXml,
} from './query-protocol.ts';

/** Services, by the name they are signed for, that MiniStack stands for; moto stands for all others. */
const OF_MINISTACK = new Set(['lambda', 'ecs', 'monitoring', 'secretsmanager', 'ssm', 'logs']);
const ELB = 'elasticloadbalancing';
const ELB_NAMESPACE = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';

/** One call that was made: `elasticloadbalancing`, `ModifyRule`. */
export interface RecordedCall {
  service: string;
  action: string;
}

export interface FrontOptions {
  moto: string;
  /** Without it, calls to its services fail. */
  ministack?: string;
  /** How long a second of AWS lasts here, in milliseconds: of deregistration delays and of intervals between looks. */
  secondMs: number;
}

interface Call {
  service: string;
  action: string;
  query: QueryFields;
  body: Buffer;
}

/**
 * One endpoint for all services: what `AWS_ENDPOINT_URL` names. It has an account of its own, so that many of them share
 * the emulators' processes without meeting each other.
 */
export class AwsFront implements AsyncDisposable {
  readonly account = String(randomInt(1e11, 9e11));
  readonly moto: MotoClient;
  readonly loadBalancing: LoadBalancing;
  readonly faults = new FaultsOnDemand();
  /** Every call, in the order of their arrival. */
  readonly calls: RecordedCall[] = [];
  readonly #options: FrontOptions;
  readonly #server: Server;

  private constructor(options: FrontOptions) {
    this.#options = options;
    this.moto = new MotoClient(options.moto, this.account);
    this.loadBalancing = new LoadBalancing(this.moto, options.secondMs);
    this.#server = createServer((request, reply) => void this.#serve(request, reply));
  }

  static async start(options: FrontOptions): Promise<AwsFront> {
    const front = new AwsFront(options);
    await once(front.#server.listen(0, '127.0.0.1'), 'listening');
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    try {
      const call = readCall(request, await buffer(request));
      this.calls.push({ service: call.service, action: call.action });
      const trouble = this.faults.take(call.action);
      if (trouble === 'throttle') throw createThrottling(call.service);
      if (trouble === 'fail') throw new AwsFault('InternalFailure', 'an error that a test ordered', 500);
      const { status, headers, body } = await this.#carryOut(request, call);
      if (trouble === 'lose-answer') return void request.socket.destroy();
      reply.writeHead(status, headers).end(body);
    } catch (error) {
      const fault = error instanceof AwsFault ? error : new AwsFault('InternalFailure', String(error), 500);
      const { status, headers, body } = writeFault(request, fault);
      reply.writeHead(status, headers).end(body);
    }
  }

  async #carryOut(request: IncomingMessage, call: Call): Promise<Forwarded> {
    const { service, action, query } = call;
    if (service === 'autoscaling' && action === 'CreateAutoScalingGroup') await this.#assertNewGroup(query);
    if (service !== ELB) return this.#forward(request, call);
    const own = await this.loadBalancing.before(action, query);
    const forwarded = own ? undefined : await this.#forward(request, call);
    if (forwarded && forwarded.status >= 300) return forwarded;
    const result = own ?? readResult(action, forwarded?.body.toString() ?? '');
    const shown = await this.loadBalancing.after(action, query, result);
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: Buffer.from(writeResult(action, shown)) };
  }

  async #forward(request: IncomingMessage, call: Call): Promise<Forwarded> {
    if (isRead(call.action)) return this.#send(request, call);
    this.moto.forget();
    return this.#send(request, call).finally(() => this.moto.forget());
  }

  async #send(request: IncomingMessage, { service, body }: Call): Promise<Forwarded> {
    const isOfMiniStack = OF_MINISTACK.has(service);
    const url = isOfMiniStack ? this.#options.ministack : this.#options.moto;
    if (url === undefined) throw new AwsFault('ServiceUnavailable', `no emulator for ${service} was started`, 503);
    const headers = Object.entries(request.headers).flatMap(([name, value]) =>
      typeof value === 'string' && !SKIPPED.has(name) ? [[name, value] as const] : [],
    );
    const answer = await fetch(`${url}${request.url ?? '/'}`, {
      method: request.method ?? 'POST',
      headers: {
        ...Object.fromEntries(headers),
        // The account is the front's, whoever's keys it was signed with: MiniStack takes it from there, moto from a header.
        authorization: (request.headers.authorization ?? '').replace(/Credential=[^/]+/, `Credential=${this.account}`),
        'x-moto-account-id': this.account,
      },
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    });
    const type = answer.headers.get('content-type');
    const kept = { ...(type === null ? {} : { 'content-type': type }), ...errorHeaders(answer.headers) };
    return { status: answer.status, headers: kept, body: Buffer.from(await answer.arrayBuffer()) };
  }

  /** moto launches more instances instead. */
  async #assertNewGroup(query: QueryFields): Promise<void> {
    const name = textOf(query.AutoScalingGroupName);
    const { AutoScalingGroups } = await this.moto.ask('autoscaling', 'DescribeAutoScalingGroups', {
      'AutoScalingGroupNames.member.1': name,
    });
    if (listOf(AutoScalingGroups).length === 0) return;
    throw new AwsFault(
      'AlreadyExists',
      `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    );
  }
}

interface Forwarded {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** They concern the connection to the front, or say what is said anew. */
const SKIPPED = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'authorization', 'expect']);

function errorHeaders(headers: Headers): Record<string, string> {
  const kept = [...headers].filter(([name]) => name.startsWith('x-amz'));
  return Object.fromEntries(kept);
}

function readCall(request: IncomingMessage, body: Buffer): Call {
  const service =
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'unsigned';
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return { service, action: target.split('.').at(-1) ?? target, query: {}, body };
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const query = isForm ? readQuery(body.toString()) : {};
  const action = textOf(query.Action) || `${request.method} ${request.url?.split('?')[0]}`;
  return { service, action, query, body };
}

function readResult(action: string, xml: string): QueryFields {
  return fieldsOf(fieldsOf(readXml(xml)[`${action}Response`])[`${action}Result`]);
}

function writeResult(action: string, result: QueryFields): string {
  const content = writeXml(`${action}Result`, result);
  const id = writeXml('ResponseMetadata', { RequestId: randomUUID() });
  return `<${action}Response xmlns="${ELB_NAMESPACE}">${content}${id}</${action}Response>`;
}
