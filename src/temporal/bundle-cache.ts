import { createHash } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowBundle } from '@temporalio/worker';
import { writeDurably } from '../host/durable-file.ts';

const NAME = /^workflows-[0-9a-f]{64}\.js$/;

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

  /** Keeps this bundle, and forgets those of other sources. */
  async keep(digest: string, { code }: { code: string }): Promise<void> {
    await writeDurably(this.#path(digest), `// ${sha256(code)}\n${code}`);
    const others = (await readdir(this.#folder)).filter(
      (name) => NAME.test(name) && !this.#path(digest).endsWith(name),
    );
    for (const name of others) await rm(join(this.#folder, name), { force: true });
  }

  #path(digest: string): string {
    return join(this.#folder, `workflows-${digest}.js`);
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
