/** The service that all benches replace: a small web server from a folder, in two versions. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RetentionSpec, ServiceSpec } from '../src/domain/service/service.ts';
import { noteEnded, noteRunning } from './running.ts';

const SERVER = `
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
const version = readFileSync('version.txt', 'utf8');
const server = createServer((_request, response) => response.end(version));
server.listen(process.env.PORT, process.env.HOST);
process.on('SIGTERM', () => {
  server.close(() => process.exit());
  server.closeIdleConnections();
});
`;

export const VERSIONS = ['one', 'two'] as const;
export type Version = (typeof VERSIONS)[number];

/** Both versions on disk; each answers with its name. */
export class Sample implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    noteRunning(this);
  }

  static async create(): Promise<Sample> {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-bench-sample-'));
    for (const version of VERSIONS) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'server.mjs'), SERVER);
      await writeFile(join(folder, version, 'version.txt'), version);
    }
    return new Sample(folder);
  }

  artifact(version: Version): string {
    return `dir:${join(this.#folder, version)}`;
  }

  /** Without a bake and with one quick check, so that what is measured is work and not waiting. */
  spec(name: string, version: Version, retention: RetentionSpec): ServiceSpec {
    const timing = { successes: 1, intervalMs: 20, timeoutMs: 5_000, deadlineMs: 30_000 };
    return {
      service: { name, environment: 'bench' },
      artifact: this.artifact(version),
      blueprint: { name: 'local-process', config: { command: ['node', 'server.mjs'] } },
      router: { kind: 'embedded' },
      strategy: { kind: 'blue-green', bakeMs: 0 },
      checks: [{ kind: 'http', name: 'answers', path: '/', status: [200], responseHeaders: {}, ...timing }],
      retention,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    noteEnded(this);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Destroys the previous revision in the rollout that replaces it. */
export const KEEP_NONE: RetentionSpec = { warm: 0, warmForMs: 0 };
/** Keeps one for longer than any bench runs. */
export const KEEP_ONE: RetentionSpec = { warm: 1, warmForMs: 3_600_000 };

/** Every rollout needs something to change: versions take turns. */
export function versionOf(revision: number): Version {
  return revision % 2 === 1 ? 'one' : 'two';
}
