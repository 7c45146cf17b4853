import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { HookSpec } from '../../src/domain/hooks/hook.ts';

/** What hooks of tests are signed with, and the variable that the worker has it in. */
export const HOOK_SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
export const HOOK_VARIABLE = 'TEST_SIGNING_SECRET';

/** A call that came, and was believed by the reference library. */
export interface HeardCall {
  id: string;
  path: string;
  body: { type: string; timestamp: string; data: Record<string, unknown> };
}

type Later = (call: HeardCall) => Promise<object>;
type Answer = Readonly<Record<string, unknown>> | number | 'silence' | Later;

/** Somebody else's webhooks: answers as it is told, by path, the last answer again and again. */
export class HookServer implements AsyncDisposable {
  readonly calls: HeardCall[] = [];
  readonly #server: Server;
  readonly #answers = new Map<string, Answer[]>();

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<HookServer> {
    process.env[HOOK_VARIABLE] = HOOK_SECRET;
    const server = new HookServer();
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  /** A hook that is called here. */
  hook(name: string, more: Partial<HookSpec> & Pick<HookSpec, 'moment' | 'phase'>): HookSpec {
    const { port } = this.#server.address() as AddressInfo;
    return {
      ...{ name, url: `http://127.0.0.1:${port}/${name}`, secret: `env:${HOOK_VARIABLE}` },
      ...{ timeoutMs: 10_000, waitForMs: 60_000, onFailure: 'rollback', kinds: ['deploy'] },
      ...more,
    };
  }

  /** Without any, a hook answers that it succeeded. */
  answers(name: string, ...answers: readonly Answer[]): void {
    this.#answers.set(`/${name}`, [...answers]);
  }

  /** The names of the hooks that were called, in order. */
  get heard(): string[] {
    return this.calls.map(({ path }) => path.slice(1));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = request.headers as Record<string, string>;
    const body = new Webhook(HOOK_SECRET).verify(Buffer.concat(chunks), headers) as HeardCall['body'];
    const path = request.url ?? '';
    const call = { id: headers['webhook-id'] ?? '', path, body };
    this.calls.push(call);
    const answers = this.#answers.get(path) ?? [{ status: 'succeeded' }];
    const next = (answers.length > 1 ? answers.shift() : answers[0]) ?? 500;
    if (next === 'silence') return;
    if (typeof next === 'number') response.writeHead(next).end();
    else response.end(JSON.stringify(typeof next === 'function' ? await next(call) : next));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
