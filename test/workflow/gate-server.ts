import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { WebhookGate } from '../../src/domain/gates/gate.ts';

const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
/** Where the worker has it. */
const VARIABLE = 'TEST_GATE_SECRET';

/** Somebody else's program that is asked about a gate: answers one thing after the other, the last one again and again. */
export class GateServer implements AsyncDisposable {
  /** What was asked, as far as the reference library believes it. */
  readonly asked: { id: string; data: Record<string, unknown> }[] = [];
  readonly #answers: (object | number)[];
  readonly #server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const headers = request.headers as Record<string, string>;
      const { data } = new Webhook(SECRET).verify(Buffer.concat(chunks), headers) as { data: Record<string, unknown> };
      this.asked.push({ id: headers['webhook-id'] ?? '', data });
      const answer = (this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0]) ?? 500;
      if (typeof answer === 'number') response.writeHead(answer).end();
      else response.end(JSON.stringify(answer));
    })();
  });

  private constructor(answers: readonly (object | number)[]) {
    this.#answers = [...answers];
  }

  static async start(...answers: readonly (object | number)[]): Promise<GateServer> {
    process.env[VARIABLE] = SECRET;
    const server = new GateServer(answers);
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  gate(more: Partial<WebhookGate> = {}): WebhookGate {
    const { port } = this.#server.address() as AddressInfo;
    return {
      ...{ kind: 'webhook', name: 'ci', before: 'shift', expiresAfterMs: 3_600_000, then: 'rollback' },
      ...{ url: `http://127.0.0.1:${port}/gate`, secret: `env:${VARIABLE}`, everyMs: 50 },
      ...more,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
