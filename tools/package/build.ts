import { execFile } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PackageManifest, packageManifest } from './manifest.ts';

/** What the package holds beside what is compiled: the set-up of the native tools, and what people read. */
const COPIED = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'docs',
  'proto/supplant',
  'tools/setup',
  'tools/temporal/go.mod',
  'tools/temporal/go.sum',
  'tools/pulumi/go.mod',
  'tools/pulumi/go.sum',
];

export interface BuildOptions {
  /** The types of the sources have been checked already, which is most of the compiler's work. */
  typesChecked?: boolean;
}

/**
 * Builds the npm package of the checkout `root` in `folder`, which is emptied first: JavaScript with declarations, since
 * Node strips no types of what is in `node_modules`.
 * @throws Error with the compiler's words where the sources do not compile
 */
export async function buildPackage(
  root: string,
  folder: string,
  { typesChecked = false }: BuildOptions = {},
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compile(root, folder, typesChecked ? ['--noCheck'] : []);
  await nameDeclarations(folder);
  for (const path of COPIED) await cp(join(root, path), join(folder, path), { recursive: true });
  await cp(join(root, 'tools/package/bin'), join(folder, 'bin'), { recursive: true });
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as PackageManifest;
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(packageManifest(manifest), null, 2)}\n`);
}

async function compile(root: string, folder: string, more: readonly string[]): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', join(root, 'tools/package/tsconfig.json'), '--outDir', folder, ...more];
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error: unknown) => {
    const { stdout } = error as { stdout?: string };
    throw new Error(`the sources do not compile:\n${stdout ?? String(error)}`, { cause: error });
  });
}

/** The compiler rewrites the endings of imports in JavaScript only, and declarations named `.ts` are found by no one. */
async function nameDeclarations(folder: string): Promise<void> {
  for await (const path of glob('**/*.d.ts', { cwd: folder })) {
    const file = join(folder, path);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
  }
}
