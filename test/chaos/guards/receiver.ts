import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { waitUntil } from '../../../src/host/polling.ts';
import { HOOK_SECRET, HOOK_VARIABLE } from '../../workflow/hook-server.ts';
import type { HookStyle, WebhookFate } from './plan.ts';
import type { Place } from './spec.ts';

/** What all parts of a world have to know: workers sign with the secret, and may call loopback. */
export const RECEIVER_ENVIRONMENT = { [HOOK_VARIABLE]: HOOK_SECRET, SUPPLANT_HOOK_ALLOW: '127.0.0.0/8' };

const SLOW_MS = 900;
const BACK_MS = 10_000;
/** Receivers refuse what is older: a message that was recorded on its way must do no harm. In seconds. */
const TOLERANCE_S = 300;

export type CallKind = 'hooks' | 'gates' | 'contracts';
export type CallAnswer = 'succeeded' | 'failed' | 'in-progress' | 'open' | 'closed' | 'refused' | 'error' | 'silence';

/** A call that came whole. Times are milliseconds since 1970, by this process's clock. */
export interface HeardCall {
  kind: CallKind;
  id: string;
  at: number;
  /** Seconds since 1970 that the call was signed at, by its sender's clock. */
  signedAt: number;
  type: string;
  data: Record<string, unknown>;
  answer: CallAnswer;
  answeredAt: number;
}

/**
 * Somebody else's programs over HTTP: hooks, contracts and the webhook of a gate. Each answers as its path says; all of them are
 * down at times, and know afterwards what they knew.
 */
export class Receiver implements AsyncDisposable {
  readonly calls: HeardCall[] = [];
  /** Calls that a receiver would not have believed. */
  readonly faults: string[] = [];
  #server: Server;
  #port = 0;
  readonly #counts = new Map<string, number>();

  private constructor() {
    this.#server = this.#create();
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await receiver.#listen();
    return receiver;
  }

  get place(): Place {
    return { url: `http://127.0.0.1:${this.#port}`, secret: `env:${HOOK_VARIABLE}` };
  }

  /** As a process that is killed, and started again at the same address. */
  async goDown(forMs: number): Promise<void> {
    await this.#close();
    await sleep(forMs);
    const isBack = await waitUntil(BACK_MS, async () => {
      this.#server = this.#create();
      return this.#listen().then(
        () => true,
        () => false,
      );
    });
    if (!isBack) throw new Error(`nobody could listen at port ${this.#port} any more`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #create(): Server {
    return createServer((request, response) => {
      // Whoever was cut off in the middle of a call has not made it.
      this.#receive(request, response).catch(() => response.destroy());
    });
  }

  async #listen(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const at = Date.now();
    const { 'webhook-id': id = '', 'webhook-timestamp': signedAt = '' } = request.headers as Record<string, string>;
    this.#verify(request, { id, signedAt, body });
    const [, kind = '', style = ''] = (request.url ?? '').split('/');
    const { type, data } = JSON.parse(body) as Pick<HeardCall, 'type' | 'data'>;
    const answer = this.#choose(kind as CallKind, style, countedAs(kind as CallKind, id, data));
    const call = { kind: kind as CallKind, id, at, signedAt: Number(signedAt), type, data, answer, answeredAt: at };
    this.calls.push(call);
    if (style === 'slowly') await sleep(SLOW_MS);
    call.answeredAt = Date.now();
    send(response, answer);
  }

  /** By the reference library. Its time is judged apart: a sender's clock may have been set. */
  #verify(request: IncomingMessage, { id, signedAt, body }: { id: string; signedAt: string; body: string }): void {
    const wanted = new Webhook(HOOK_SECRET).sign(id, new Date(Number(signedAt) * 1_000), body);
    const given = String(request.headers['webhook-signature']).split(' ');
    if (!given.includes(wanted)) this.faults.push(`a call of ${request.url} with id ${id} had no valid signature`);
  }

  #choose(kind: CallKind, style: string, key: string): CallAnswer {
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return kind === 'gates' ? answerGate(style as WebhookFate, count) : answerHook(style as HookStyle, count);
  }
}

/** Of how many seconds the clocks of sender and receiver differ beyond what receivers tolerate. */
export function findStaleCalls(calls: readonly HeardCall[]): string[] {
  return calls
    .filter(({ at, signedAt }) => Math.abs(at / 1_000 - signedAt) > TOLERANCE_S)
    .map(({ id, at, signedAt }) => `the call ${id} was signed ${Math.round(at / 1_000 - signedAt)} s before it came`);
}

/** Each asking of a gate has an id of its own. */
function countedAs(kind: CallKind, id: string, { rollout, before, step, gate }: Record<string, unknown>): string {
  return kind === 'gates' ? [rollout, before, step ?? 1, gate].map(String).join('/') : id;
}

function answerGate(fate: WebhookFate, count: number): CallAnswer {
  switch (fate) {
    case 'refused':
      return 'refused';
    case 'closed-first':
      return count === 1 ? 'closed' : 'open';
    case 'errors-first':
      return count === 1 ? 'error' : 'open';
    case 'open':
      return 'open';
  }
}

function answerHook(style: HookStyle, count: number): CallAnswer {
  switch (style) {
    case 'fails':
      return 'failed';
    case 'errors-first':
      return count <= 2 ? 'error' : 'succeeded';
    case 'in-progress-first':
      return count <= 2 ? 'in-progress' : 'succeeded';
    case 'silent-first':
      return count === 1 ? 'silence' : 'succeeded';
    case 'promptly':
    case 'slowly':
      return 'succeeded';
  }
}

function send(response: ServerResponse, answer: CallAnswer): void {
  if (answer === 'silence') return;
  if (answer === 'error') {
    response.writeHead(500).end('out of order');
    return;
  }
  const key = answer === 'open' || answer === 'closed' || answer === 'refused' ? 'state' : 'status';
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ [key]: answer, reason: 'chaos' }));
}
