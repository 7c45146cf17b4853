import { createHash } from 'node:crypto';
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowBundle } from '@temporalio/worker';
import { writeDurably } from '../host/durable-file.ts';

const NAME = /^workflows-[0-9a-f]{64}\.js$/;

/** Of other sources that may be wanted again: those with and without versions, before and after an upgrade. */
const KEPT = 4;

/**
 * Bundled workflows, kept from one start of a worker to the next: to bundle them takes seconds in which a rollout waits.
 * A file is named by what it was made from and begins with the digest of its content: one that is not whole, or was
 * changed, counts as missing.
 */
export class BundleCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(digest: string): Promise<WorkflowBundle | undefined> {
    let text: string;
    try {
      text = await readFile(this.#path(digest), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const end = text.indexOf('\n');
    const code = text.slice(end + 1);
    return text.slice(0, end) === `// ${sha256(code)}` ? { code } : undefined;
  }

  /** Keeps this bundle, and of the others the latest. */
  async keep(digest: string, { code }: { code: string }): Promise<void> {
    await writeDurably(this.#path(digest), `// ${sha256(code)}\n${code}`);
    const kept = await this.#byAge();
    for (const path of kept.slice(KEPT)) await rm(path, { force: true });
  }

  /** The newest first. */
  async #byAge(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => NAME.test(name));
    const dated = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        // Another worker may have removed it meanwhile.
        const at = await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        );
        return { path, at };
      }),
    );
    return dated.sort((one, other) => other.at - one.at).map(({ path }) => path);
  }

  #path(digest: string): string {
    return join(this.#folder, `workflows-${digest}.js`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
