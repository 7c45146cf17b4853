import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { locateModule } from '../host/module-path.ts';

/** The file that exports the workflows, for a worker that is no version of anything, and for one that is. */
export interface WorkflowFiles {
  plain: string;
  versioned: string;
}

export const WORKFLOWS: WorkflowFiles = {
  plain: locateModule('../workflows/index', import.meta.url),
  versioned: locateModule('../workflows/versioned', import.meta.url),
};

/** All that workflows are made of; `.dependency-cruiser.mjs` sees to it that they import nothing else of ours. */
const FOLDERS = ['../workflows', '../domain'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));

const ENDING = extname(import.meta.filename);

/** How they are bundled, where that has changed: what was kept before is another bundle. */
const BUNDLING = 'shared modules';

/**
 * Names the workflow code: the same for the same sources, entry and SDK, whatever they lie in. Hexadecimal, 64 digits.
 */
export async function computeWorkflowDigest(entry: string): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion()).update(BUNDLING);
  for (const path of [entry, ...(await sources())]) {
    const text = await readFile(path);
    hash.update(`\0${text.length}\0`).update(text);
  }
  return hash.digest('hex');
}

async function sources(): Promise<string[]> {
  const inFolders = await Promise.all(
    FOLDERS.map(async (folder) =>
      (await readdir(folder, { recursive: true })).toSorted().map((name) => join(folder, name)),
    ),
  );
  return inFolders.flat().filter((path) => path.endsWith(ENDING) && !path.endsWith('.d.ts'));
}

/** All of the SDK's packages are released together. */
function sdkVersion(): string {
  const { version } = createRequire(import.meta.url)('@temporalio/workflow/package.json') as { version: string };
  return version;
}
