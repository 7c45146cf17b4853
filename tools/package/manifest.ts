/** What a `package.json` says, as far as the package takes it over from the checkout's. */
export interface PackageManifest {
  name: string;
  version: string;
  description: string;
  license: string;
  type: string;
  dependencies: Record<string, string>;
  /** What some blueprints need beside Supplant. */
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
  [key: string]: unknown;
}

/**
 * The package's `package.json`. The checkout's own is not packed: its scripts and development packages are of no use to
 * those who install it, and its exports are TypeScript.
 */
export function packageManifest(manifest: PackageManifest) {
  const { name, version, description, license, type } = manifest;
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const entry = (path: string) => ({ types: `./${path}.d.ts`, default: `./${path}.js` });
  return {
    name,
    version,
    description,
    license,
    type,
    // `node:sqlite` needs no flag from there on.
    engines: { node: '>=22.13' },
    bin: { supplant: 'bin/supplant.mjs' },
    exports: {
      './client': entry('src/client/index'),
      './blueprint': entry('src/stacks/blueprint'),
      './schema': entry('src/config/index'),
      './package.json': './package.json',
    },
    dependencies,
    peerDependencies,
    peerDependenciesMeta,
  };
}
