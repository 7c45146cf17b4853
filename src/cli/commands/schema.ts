import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import { accessSchema } from '../../gateway/auth/file/schema.ts';
import { contextsSchema } from '../../client/contexts-schema.ts';
import { buildExperimentJsonSchema } from '../../config/experiment/published.ts';
import { toJsonSchema } from '../../config/json-schema.ts';
import { buildManifestJsonSchema } from '../../config/manifest/published.ts';
import { readSecret } from '../../secrets/secrets.ts';
import { listBlueprintModules, loadBlueprints } from '../../stacks/pulumi/blueprint-modules.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';

/** The files that people write. */
export type SchemaKind = 'manifest' | 'experiment' | 'access' | 'contexts';

/** Prints the JSON Schema of a file. */
export async function schema({ context }: Session, kind: SchemaKind, given: { blueprint?: string[] }): Promise<number> {
  const modules = (given.blueprint ?? []).map((path) => resolve(context.workingDirectory, path));
  context.stdout.write(await renderSchema(kind, modules));
  return EXIT.ok.code;
}

/** The JSON Schema of a file, as text. `modules` are blueprints beyond those that Supplant brings. */
export async function renderSchema(kind: SchemaKind, modules: readonly string[] = []): Promise<string> {
  return `${JSON.stringify(await schemaOf(kind, modules), null, 2)}\n`;
}

async function schemaOf(kind: SchemaKind, modules: readonly string[]) {
  switch (kind) {
    case 'manifest':
      return buildManifestJsonSchema(await configSchemas(modules));
    case 'experiment':
      return buildExperimentJsonSchema();
    case 'access':
      return toJsonSchema(
        accessSchema(() => ''),
        {
          title: "Supplant's access file",
          description: 'Who may call, how they prove who they are, what they may do.',
        },
      );
    case 'contexts':
      return toJsonSchema(contextsSchema, {
        title: "Supplant's contexts",
        description: 'Gateways, and what to prove oneself by.',
      });
  }
}

/** What the blueprints take as their config, by their names. */
async function configSchemas(modules: readonly string[]): Promise<Record<string, z.ZodType>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'supplant-schema-'));
  try {
    const registry = await loadBlueprints(listBlueprintModules(modules), {
      dataDir,
      supervise: false,
      readSecret,
      log: () => undefined,
    });
    const found: Record<string, z.ZodType> = {};
    for (const blueprint of registry.all()) {
      const config = await blueprint.config?.();
      if (config) found[blueprint.name] = config;
      await blueprint.close();
    }
    return found;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
