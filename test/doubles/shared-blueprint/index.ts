import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blueprint, BlueprintHost } from '../../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../../src/stacks/source-digest.ts';

/** The environment variable that names the cloud: a folder that every host of a test reaches. */
export const CLOUD_VARIABLE = 'TEST_SHARED_CLOUD';

/**
 * A double for tests, called `shared`: what it makes are files in a folder that stands for a cloud, which all hosts reach.
 * The second of its two resources waits for a file `go` in the cloud, so that a step is in flight for as long as needed.
 */
export async function createBlueprint(_host: BlueprintHost): Promise<Blueprint> {
  const cloud = process.env[CLOUD_VARIABLE] ?? '';
  return {
    name: 'shared',
    digest: await computeSourceDigest(import.meta.dirname),
    plugins: [],
    reach: 'shared',
    check: async () => [],
    async serve(engine) {
      const { serve } = await import('./serve.ts');
      return serve(cloud, engine);
    },
    async *inventory(id) {
      const stacks = id ? [id] : await listStacks(cloud);
      for (const each of stacks) {
        const traces = await namesIn(join(cloud, each.project, each.stack));
        if (traces.length > 0) yield [{ ...each, traces }];
      }
    },
    async sweep({ project, stack }) {
      await rm(join(cloud, project, stack), { recursive: true, force: true });
    },
    close: () => Promise.resolve(),
  };
}

async function listStacks(cloud: string): Promise<{ project: string; stack: string }[]> {
  await mkdir(cloud, { recursive: true });
  const entries = await readdir(cloud, { withFileTypes: true });
  const projects = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(
    projects.map(async (project) => (await namesIn(join(cloud, project))).map((stack) => ({ project, stack }))),
  );
  return found.flat();
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
