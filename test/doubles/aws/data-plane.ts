import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import type { AwsFront } from './front.ts';
import { lookAt, readTerms } from './health-looks.ts';
import { type QueryFields, fieldsOf, textOf } from './query-protocol.ts';
import { ProxiedRequests } from './proxied-requests.ts';
import { findRule } from './request-match.ts';
import { chooseGroup, eligibleTargets } from './target-choice.ts';
import type { Target } from './target-health.ts';
import type { ListenerView } from './topology.ts';

export interface DataPlaneOptions {
  /** How long after a write new requests follow it, in milliseconds: what is read back is not yet what happens. */
  effectMs: number;
  /** How long a second of AWS lasts here, in milliseconds. */
  secondMs: number;
}

/** How often it is seen to that what drains long enough is cut off, and that each group is looked at, in milliseconds. */
const TICK_MS = 10;

/** For how long a load balancer keeps a client's connection on which nothing comes, unless told. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * Stands for what is behind AWS's API: load balancers that serve real HTTP by their rules' weights, look at the health of
 * targets, and let connections drain. Targets with an address are that address of this machine (127.0.0.N); where an
 * instance is, {@link place} says.
 */
export class DataPlane implements AsyncDisposable {
  readonly #front: AwsFront;
  readonly #options: DataPlaneOptions;
  readonly #servers = new Map<string, { server: Server; address: Endpoint }>();
  readonly #places = new Map<string, Endpoint>();
  readonly #requests = new ProxiedRequests();
  readonly #turns = new Map<string, number>();
  readonly #looks = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #listeners: ListenerView[] = [];
  #following: Promise<void> = Promise.resolve();
  #looking: Promise<void> = Promise.resolve();
  #isOver = false;

  private constructor(front: AwsFront, options: DataPlaneOptions) {
    this.#front = front;
    this.#options = options;
  }

  static async start(front: AwsFront, options: DataPlaneOptions): Promise<DataPlane> {
    const plane = new DataPlane(front, options);
    front.loadBalancing.onChange(() => plane.#later(options.effectMs, () => plane.#follow()));
    await plane.#follow();
    plane.#tick();
    return plane;
  }

  /** Says at which address of this machine a target is that has none itself: an instance, or a function. */
  place(id: string, endpoint: Endpoint): void {
    this.#places.set(id, endpoint);
  }

  /** Where clients of a listener connect; undefined until it serves. */
  addressOf(listener: string): Endpoint | undefined {
    return this.#servers.get(listener)?.address;
  }

  /** Once every write so far has had its effect. */
  async followed(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#options.effectMs));
    await this.#follow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled([this.#following, this.#looking]);
    await Promise.all([...this.#servers.values()].map(({ server }) => closeServer(server)));
    this.#requests.cutAll();
  }

  #later(millis: number, work: () => Promise<void>): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // What the front cannot read now is read after the next write.
      work().catch(() => undefined);
    }, millis);
    this.#timers.add(timer);
  }

  /** One at a time, so that no older reading replaces a newer one. */
  #follow(): Promise<void> {
    this.#following = this.#following
      .catch(() => undefined)
      .then(async () => {
        this.#listeners = await this.#front.loadBalancing.topology.listeners();
        const wanted = new Set(this.#listeners.map(({ arn }) => arn));
        for (const [arn, { server }] of this.#servers) {
          if (wanted.has(arn)) continue;
          this.#servers.delete(arn);
          await closeServer(server);
        }
        for (const listener of this.#listeners) await this.#serve(listener);
      });
    return this.#following;
  }

  async #serve({ arn, loadBalancer, port }: ListenerView): Promise<void> {
    if (this.#servers.has(arn) || this.#isOver) return;
    const host = this.#front.loadBalancing.hostOf(loadBalancer);
    const server = createServer((request, reply) => void this.#answer(arn, request, reply));
    server.keepAliveTimeout = IDLE_TIMEOUT_MS;
    server.on('upgrade', (request, socket, head) => this.#join(arn, request, socket, head));
    await listen(server, port, host);
    this.#servers.set(arn, { server, address: { host, port: (server.address() as AddressInfo).port } });
  }

  #tick(): void {
    this.#later(TICK_MS, async () => {
      this.#looking = this.#look();
      await this.#looking.finally(() => this.#tick());
    });
  }

  /** Looks at the targets of each group whose interval is over. */
  async #look(): Promise<void> {
    const { topology, targets } = this.#front.loadBalancing;
    for (const group of await topology.groupsInUse()) {
      this.#cutDrained(group);
      const due = this.#looks.get(group) ?? 0;
      if (due > performance.now()) continue;
      const description = await topology.group(group);
      const isFunction = textOf(description.TargetType) === 'lambda';
      const terms = readTerms(description, this.#options.secondMs);
      this.#looks.set(group, performance.now() + terms.intervalMs);
      const views = await targets.list(group);
      const looks = views
        .filter(({ id, state }) => state !== 'draining' && (!isFunction || this.#places.has(id)))
        .map(async (target) => {
          const endpoint = this.#endpointOf(target);
          const passed = await lookAt({
            ...terms,
            endpoint: { ...endpoint, port: Number(terms.port) || endpoint.port },
          });
          targets.health.report(group, target, passed, terms);
        });
      await Promise.all(looks);
    }
  }

  /** What is still in flight on a target that has drained for long enough. */
  #cutDrained(group: string): void {
    const known = this.#front.loadBalancing.targets.health.list(group, true);
    this.#requests.cutOthers(group, known);
  }

  #endpointOf({ id, port }: Target): Endpoint {
    // A function has no port of its own.
    const { host, port: placed } = this.#places.get(id) ?? { host: id, port };
    return { host, port: port === 0 ? placed : port };
  }

  /** The action for a request, and its target where it has one. */
  #decide(listener: string, request: IncomingMessage): Decision {
    const rules = this.#listeners.find(({ arn }) => arn === listener)?.rules ?? [];
    const action = findRule(rules, request)?.actions.at(-1);
    if (!action) return { kind: 'fixed', status: 503, body: '' };
    if (textOf(action.Type) === 'fixed-response') return fixedResponse(action);
    const group = chooseGroup(action, request);
    if (!group) return { kind: 'fixed', status: 503, body: '' };
    const eligible = eligibleTargets(this.#front.loadBalancing.targets.health.list(group.arn, true));
    const turn = this.#turns.get(group.arn) ?? 0;
    this.#turns.set(group.arn, turn + 1);
    const target = eligible[turn % Math.max(1, eligible.length)];
    // A group keeps its share, whether or not it has targets.
    if (!target) return { kind: 'fixed', status: 503, body: '' };
    return { kind: 'forward', group: group.arn, target, ...(group.cookie ? { cookie: group.cookie } : {}) };
  }

  async #answer(listener: string, request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const decision = this.#decide(listener, request);
    if (decision.kind === 'fixed') {
      request.resume();
      reply.writeHead(decision.status, { 'content-type': decision.type ?? 'text/html' }).end(decision.body);
      return;
    }
    const { group, target, cookie } = decision;
    this.#requests.proxy(request, reply, { group, target, endpoint: this.#endpointOf(target), cookie });
  }

  #join(listener: string, request: IncomingMessage, client: Duplex, head: Buffer): void {
    const decision = this.#decide(listener, request);
    if (decision.kind === 'fixed') {
      client.end(`HTTP/1.1 ${decision.status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const { group, target } = decision;
    const server = connect(this.#endpointOf(target));
    this.#requests.join(request, { client, server, head }, { group, target });
  }
}

type Decision =
  | { kind: 'fixed'; status: number; body: string; type?: string }
  | { kind: 'forward'; group: string; target: Target; cookie?: string };

function fixedResponse(action: QueryFields): Decision {
  const { StatusCode, MessageBody, ContentType } = fieldsOf(action.FixedResponseConfig);
  const type = textOf(ContentType) || 'text/plain';
  return { kind: 'fixed', status: Number(textOf(StatusCode)), body: textOf(MessageBody), type };
}

/** On the listener's own port, or on a free one where that is not for everybody to take. */
async function listen(server: Server, port: number, host: string): Promise<void> {
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    await once(server.listen(0, host), 'listening');
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
