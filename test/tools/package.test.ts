import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { findNativeTool } from '../../src/native-tools.ts';
import { readPackageVersion } from '../../src/package-version.ts';
import { buildPackage } from '../../tools/package/build.ts';
import { packPackage } from '../../tools/package/pack.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A program as people write it who have installed the package: `supplant/client` and a blueprint of their own. */
const PROGRAM = `
import { ApiError, type SupplantClient, connectClient, deployAndWait } from 'supplant/client';
import { type Blueprint, type BlueprintFactory, computeSourceDigest } from 'supplant/blueprint';
import { duration, mapping, z } from 'supplant/schema';

export const connect = (dataDir: string): Promise<SupplantClient> => connectClient({ dataDir });
export const isRefused = (error: unknown): boolean => error instanceof ApiError && error.reason === 'REFUSED';
export const release = deployAndWait;
const config = mapping({
  site: z.string().describe('What is shown.'),
  linger: duration({ least: 0, most: 60_000, words: 'of at most 1m' }).prefault('10s'),
});
export const linger: number = config.parse({ site: 'a' }).linger;
export const createBlueprint: BlueprintFactory = async () => {
  const digest: string = await computeSourceDigest(import.meta.dirname);
  const own: Pick<Blueprint, 'name' | 'digest' | 'config'> = { name: 'own', digest, config: () => config };
  return own as Blueprint;
};
`;

const COMPILER_OPTIONS = {
  strict: true,
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  noEmit: true,
  types: ['node'],
  typeRoots: [join(ROOT, 'node_modules/@types')],
  skipLibCheck: true,
};

describe('the npm package', function () {
  // Several hundred MiB of packages come from the registry.
  this.timeout(600_000);
  const project = mkdtempSync(join(tmpdir(), 'supplant-package-'));
  const cache = join(project, 'cache');
  const env = { ...process.env, PATH: pathWithTools(project), XDG_CACHE_HOME: cache };
  let dev: ChildProcess | undefined;

  const supplant = (...args: string[]) =>
    run(join(project, 'node_modules/.bin/supplant'), args, { cwd: project, env, timeout: 120_000 });

  before(async () => {
    const folder = join(project, 'built');
    // `npm test` checks them beside its tests.
    await buildPackage(ROOT, folder, { typesChecked: true });
    const tarball = await packPackage(folder, project);
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
    await run('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: project, env });
  });

  after(async () => {
    if (dev?.exitCode === null) {
      dev.kill('SIGINT');
      await once(dev, 'exit');
    }
    rmSync(project, { recursive: true, force: true });
  });

  it('says its version', async () => {
    const { stdout } = await supplant('--version');
    assert.equal(stdout, `${readPackageVersion()}\n`);
  });

  it('is imported and type-checked from an empty project', async () => {
    writeFileSync(join(project, 'program.ts'), PROGRAM);
    const config = { compilerOptions: COMPILER_OPTIONS, files: ['program.ts'] };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project]).catch((error: unknown) =>
      assert.fail((error as { stdout: string }).stdout),
    );
    const loads = "const { connect, linger } = await import('./program.ts'); console.log(typeof connect, linger);";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', loads], { cwd: project });
    assert.equal(stdout, 'function 10000\n');
  });

  it('gets its native tools when a command needs them, and deploys', async () => {
    dev = spawn(join(project, 'node_modules/.bin/supplant'), ['dev', '--data', join(project, 'data')], {
      cwd: project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    dev.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
    await ready(dev, said);
    const notes = JSON.parse(readFileSync(join(cache, 'supplant/tools/tools.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(notes).toSorted(), ['pulumi', 'temporal']);
    writeFileSync(join(project, 'supplant.yaml'), MANIFEST);
    const { stdout } = await supplant('--data', join(project, 'data'), '-o', 'json', 'apply', '-f', 'supplant.yaml');
    assert.match(stdout, /"outcome": ?"succeeded"/);
    await supplant('--data', join(project, 'data'), 'remove', 'packed/test', '--yes');
  });

  it('deploys a folder, which a thread copies', async () => {
    mkdirSync(join(project, 'app'));
    writeFileSync(join(project, 'app/server.mjs'), SERVER);
    writeFileSync(join(project, 'folder.yaml'), FOLDER_MANIFEST);
    const { stdout } = await supplant('--data', join(project, 'data'), '-o', 'json', 'apply', '-f', 'folder.yaml');
    assert.match(stdout, /"outcome": ?"succeeded"/);
    await supplant('--data', join(project, 'data'), 'remove', 'folder/test', '--yes');
  });
});

const SERVER = `
import { createServer } from 'node:http';
createServer((_, reply) => reply.end('ok')).listen(Number(process.env.PORT), process.env.HOST);
`;

const FOLDER_MANIFEST = `
apiVersion: supplant.dev/v1
kind: Service
name: folder
environment: test
artifact: dir:./app
blueprint:
  name: local-process
  config: { command: [node, server.mjs] }
`;

const MANIFEST = `
apiVersion: supplant.dev/v1
kind: Service
name: packed
environment: test
artifact: npm:http-server@14.1.1
blueprint:
  name: local-process
  config: { args: ['.', '--address', '{host}', '--port', '{port}'] }
`;

/** So that they are found on this machine, as for everyone who has them: building them takes minutes. */
function pathWithTools(project: string): string {
  const folder = join(project, 'programs');
  mkdirSync(folder);
  for (const name of ['temporal', 'pulumi'] as const) symlinkSync(findNativeTool(name), join(folder, name));
  return [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
}

/** Until it has printed where its API is. */
async function ready(dev: ChildProcess, said: readonly string[]): Promise<void> {
  assert.ok(dev.stdout);
  const lines = createInterface({ input: dev.stdout });
  for await (const line of lines) {
    if (line.includes('API')) {
      dev.stdout.resume();
      return;
    }
  }
  assert.fail(`supplant dev ended: ${said.join('')}`);
}
