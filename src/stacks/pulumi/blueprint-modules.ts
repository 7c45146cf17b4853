import { createRequire, registerHooks } from 'node:module';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { locateModule } from '../../host/module-path.ts';
import type { Blueprint, BlueprintFactory, BlueprintHost } from '../blueprint.ts';
import { BlueprintRegistry } from './registry.ts';

const BUILT_IN = [locateModule('../../../blueprints/local-process/index', import.meta.url)];

/** Blueprints that are brought along, for whoever names them: what they need is installed beside. */
const BROUGHT = ['aws-environment', 'aws-asg', 'aws-ecs', 'aws-lambda'];

/** Where a blueprint is that was named by its file, or by the name of one that Supplant brings. */
function locateBlueprint(given: string): string {
  const name = basename(given);
  return BROUGHT.includes(name) ? locateModule(`../../../blueprints/${name}/index`, import.meta.url) : resolve(given);
}

/** The modules of all blueprints that an installation offers: those it comes with, and those it was given. */
export function listBlueprintModules(given: readonly string[] = []): string[] {
  return [...new Set([...BUILT_IN, ...given.map(locateBlueprint)])];
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
const SHARED = /^(?:@pulumi\/pulumi|@grpc\/grpc-js|google-protobuf|supplant|zod)(?:\/|$)/;
/** What the packages that a blueprint brings mean by zod is a version of their own. */
const SHARED_WITH_REQUIRE = /^(?:@pulumi\/pulumi|@grpc\/grpc-js|google-protobuf|supplant)(?:\/|$)/;

let isShared = false;

/**
 * Has modules find Supplant, and the packages that it serves them with, wherever they are kept: by `import`, and by the
 * `require` of CommonJS packages, as `@pulumi/aws` and most others of Pulumi's are.
 */
function shareOwnPackages(): void {
  if (isShared) return;
  isShared = true;
  const own = createRequire(import.meta.url);
  // What is looked for on a module's behalf comes by here again.
  let isOwnLook = false;
  registerHooks({
    resolve(specifier, context, next) {
      if (isOwnLook) return next(specifier, context);
      if (context.conditions.includes('import')) {
        return next(specifier, SHARED.test(specifier) ? { ...context, parentURL: import.meta.url } : context);
      }
      if (!SHARED_WITH_REQUIRE.test(specifier)) return next(specifier, context);
      // `require` goes by the module that it is called in, whatever `parentURL` says.
      isOwnLook = true;
      try {
        return { url: pathToFileURL(own.resolve(specifier)).href, shortCircuit: true };
      } finally {
        isOwnLook = false;
      }
    },
  });
}

async function factoryOf(path: string): Promise<BlueprintFactory> {
  const { createBlueprint } = (await import(pathToFileURL(path).href)) as { createBlueprint?: unknown };
  if (typeof createBlueprint === 'function') return createBlueprint as BlueprintFactory;
  throw new Error('it exports no function createBlueprint');
}
