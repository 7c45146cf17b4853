import { Agent, request } from 'node:http';
import type { Outages } from './outages.ts';

const PER_SECOND = 40;
/** Longer than any router or program here may take to answer. */
const PATIENCE_MS = 10_000;

/** One service's users: requests at a steady rate, whether or not earlier ones have been answered. */
export class Traffic {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #outages: Outages;
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #url = '';
  #headers: Record<string, string> = {};
  total = 0;
  /** How often each version has answered, and when it did first, in milliseconds since 1970. */
  readonly answers = new Map<string, number>();
  readonly firstAnswers = new Map<string, number>();

  constructor(outages: Outages) {
    this.#outages = outages;
  }

  /** Sends to this address from here on. */
  to(url: string, headers: Record<string, string> = {}): void {
    this.#url = url;
    this.#headers = headers;
    this.#timer ??= setInterval(() => this.#send(), 1_000 / PER_SECOND);
  }

  /** Waits for what is still under way. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  #send(): void {
    this.total += 1;
    const from = performance.now();
    const sent = this.#ask().then(
      () => this.#outages.succeeded(from),
      (error: unknown) => {
        const { message } = error as Error;
        this.#outages.failed({ from, to: performance.now(), error: message });
      },
    );
    this.#open.add(sent);
    void sent.then(() => this.#open.delete(sent));
  }

  #ask(): Promise<void> {
    const options = { agent: this.#agent, timeout: PATIENCE_MS, headers: this.#headers };
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, options, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.answers.set(body, (this.answers.get(body) ?? 0) + 1);
          if (!this.firstAnswers.has(body)) this.firstAnswers.set(body, Date.now());
          if (response.statusCode === 200) resolve();
          else reject(new Error(`status ${String(response.statusCode)}: ${body}`));
        });
      });
      asked.on('timeout', () => asked.destroy(new Error('timed out')));
      asked.on('error', reject);
      asked.end();
    });
  }
}
