import { registerHooks } from 'node:module';
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
  if (modules.some((path) => !BUILT_IN.includes(path))) shareOwnPackages();
  const faults: string[] = [];
  const factories: BlueprintFactory[] = [];
  for (const path of modules) {
    try {
      factories.push(await factoryOf(path));
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (faults.length > 0) throw new Error(`no blueprint can be loaded from ${faults.join('; from ')}`);
  const blueprints: Blueprint[] = [];
  for (const factory of factories) blueprints.push(await factory(host));
  const names = blueprints.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return new BlueprintRegistry(blueprints);
  await Promise.all(blueprints.map(async (blueprint) => blueprint.close()));
  throw new Error(`two blueprints are called ${twice}; give each a name of its own`);
}

/** Of which a process must hold one copy only: a program that creates resources in another finds no engine. */
const SHARED = /^(?:@pulumi\/pulumi|@grpc\/grpc-js|google-protobuf|supplant)(?:\/|$)/;

let isShared = false;

/** Has modules find Supplant, and the packages that it serves them with, wherever they are kept. */
function shareOwnPackages(): void {
  if (isShared) return;
  isShared = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, SHARED.test(specifier) ? { ...context, parentURL: import.meta.url } : context),
  });
}

async function factoryOf(path: string): Promise<BlueprintFactory> {
  const { createBlueprint } = (await import(pathToFileURL(path).href)) as { createBlueprint?: unknown };
  if (typeof createBlueprint === 'function') return createBlueprint as BlueprintFactory;
  throw new Error('it exports no function createBlueprint');
}
