import { Agent, request } from 'node:http';

/** Requests at a steady rate, whether or not earlier ones have been answered; each is counted. */
export class Load {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: string;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  total = 0;
  readonly failures: string[] = [];
  /** How many answers each body was given. */
  readonly answers = new Map<string, number>();

  constructor(url: string, perSecond = 100) {
    this.#url = url;
    this.#timer = setInterval(() => this.#send(), 1000 / perSecond);
  }

  /** Waits for the requests still under way. */
  async end(): Promise<this> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
    return this;
  }

  seen(body: string): number {
    return this.answers.get(body) ?? 0;
  }

  #send(): void {
    this.total += 1;
    const sent = this.#ask().catch((error: unknown) => void this.failures.push(String(error)));
    this.#open.add(sent);
    void sent.then(() => this.#open.delete(sent));
  }

  #ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, { agent: this.#agent, timeout: 10_000 }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('error', reject);
        response.on('end', () => {
          this.answers.set(body, (this.answers.get(body) ?? 0) + 1);
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
