import { Module, createRequire } from 'node:module';

/** What Pulumi's SDK turns functions into programs of their own with: a package manager, and the TypeScript compiler. */
const MODULES = ['@pulumi/pulumi/runtime/closure/serializeClosure.js', '@pulumi/pulumi/runtime/closure/codePaths.js'];

const require = createRequire(import.meta.url);

type Exports = Record<string, (...args: unknown[]) => unknown>;

/**
 * Has the SDK load that when it is first used, which is hardly ever: it is most of what the SDK costs to load. Where the
 * SDK has no such modules, all is loaded as it comes.
 */
export function deferClosures(): void {
  for (const name of MODULES) {
    const path = findModule(name);
    if (path !== undefined && !(path in require.cache)) require.cache[path] = createDeferred(path);
  }
}

function findModule(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** A module each of whose exports is a function that loads the module itself. */
function createDeferred(path: string): NodeJS.Module {
  const deferred = new Module(path);
  const load = (): Exports => {
    if (require.cache[path] === deferred) Reflect.deleteProperty(require.cache, path);
    return require(path) as Exports;
  };
  const use = (name: string | symbol): unknown =>
    typeof name === 'symbol' ? undefined : (...args: unknown[]) => load()[name]?.(...args);
  deferred.filename = path;
  deferred.loaded = true;
  deferred.exports = new Proxy({}, { get: (_none, name) => use(name) });
  return deferred;
}
