import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** Debian's package `prometheus`. */
const BINARY = process.env.PROMETHEUS ?? '/usr/bin/prometheus';

/** A real Prometheus in a folder of its own, which scrapes what it is told to, ten times a second. */
export class PrometheusProcess {
  readonly #folder: string;
  readonly #child: ChildProcess;
  #address = '';

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  static isInstalled(): boolean {
    return existsSync(BINARY);
  }

  /** @param ports on this machine, each with `/metrics` */
  static async start(...ports: number[]): Promise<PrometheusProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-prometheus-'));
    const targets = ports.map((port) => `127.0.0.1:${port}`);
    const config = {
      global: { scrape_interval: '100ms', scrape_timeout: '100ms' },
      scrape_configs: [{ job_name: 'test', static_configs: [{ targets }] }],
    };
    // YAML is a superset of JSON.
    await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const options = {
      'config.file': join(folder, 'prometheus.yml'),
      'storage.tsdb.path': join(folder, 'data'),
      'web.listen-address': '127.0.0.1:0',
    };
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(BINARY, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    const prometheus = new PrometheusProcess(folder, child);
    prometheus.#address = `http://${await readAddress(child)}`;
    await prometheus.#isReady();
    return prometheus;
  }

  /** `http://127.0.0.1:41023` */
  get address(): string {
    return this.#address;
  }

  /** What a query finds, once it finds one number that will do. */
  async find(query: string, suits: (value: number) => boolean): Promise<number> {
    for (;;) {
      const url = `${this.#address}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
      const answer = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
      const value = Number(answer.data.result[0]?.value[1]);
      if (suits(value)) return value;
      await delay(50);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** It listens before it can be asked. */
  async #isReady(): Promise<void> {
    while (!(await fetch(`${this.#address}/-/ready`)).ok) await delay(20);
  }
}

/** Where it listens is among what it logs. */
async function readAddress(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    said.push(line);
    const [, address] = /msg="Listening on" address=(\S+)/.exec(line) ?? [];
    if (address === undefined) continue;
    child.stderr!.resume();
    return address;
  }
  throw new Error(`Prometheus did not start: ${said.slice(-3).join('; ')}`);
}
