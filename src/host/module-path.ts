import { fileURLToPath } from 'node:url';

/**
 * The path of a module of ours, for a process of its own: TypeScript in a checkout, JavaScript in the installed package.
 * @param name the module relative to `base`, without its ending: `./runner/main`
 * @param base the `import.meta.url` of the module that asks
 */
export function locateModule(name: string, base: string): string {
  return fileURLToPath(new URL(`${name}${base.endsWith('.js') ? '.js' : '.ts'}`, base));
}
