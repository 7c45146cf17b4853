import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Blueprint, BlueprintFactory, BlueprintHost } from '../blueprint.ts';
import { BlueprintRegistry } from './registry.ts';

const BUILT_IN = [fileURLToPath(new URL('../../../blueprints/local-process/index.ts', import.meta.url))];

/** The modules of all blueprints that an installation offers: those it comes with, and those it was given. */
export function blueprintModules(given: readonly string[] = []): string[] {
  return [...new Set([...BUILT_IN, ...given.map((path) => resolve(path))])];
}

/** @throws Error fit to show, about all modules that cannot be used */
export async function loadBlueprints(modules: readonly string[], host: BlueprintHost): Promise<BlueprintRegistry> {
  const faults: string[] = [];
  const factories = await Promise.all(
    modules.map(async (path) =>
      factoryOf(path).catch(
        (error: unknown) => void faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`),
      ),
    ),
  );
  if (faults.length > 0) throw new Error(`no blueprint can be loaded from ${faults.join('; from ')}`);
  const blueprints: Blueprint[] = [];
  for (const factory of factories) if (factory) blueprints.push(await factory(host));
  const names = blueprints.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return new BlueprintRegistry(blueprints);
  await Promise.all(blueprints.map(async (blueprint) => blueprint.close()));
  throw new Error(`two blueprints are called ${twice}; give each a name of its own`);
}

async function factoryOf(path: string): Promise<BlueprintFactory> {
  const { createBlueprint } = (await import(pathToFileURL(path).href)) as { createBlueprint?: unknown };
  if (typeof createBlueprint === 'function') return createBlueprint as BlueprintFactory;
  throw new Error('it exports no function createBlueprint');
}
