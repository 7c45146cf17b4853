import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { Platform, change, command, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));
const MANIFEST_PAGE = fileURLToPath(new URL('../../docs/start/manifest.md', import.meta.url));

const server = (answer: string): string =>
  `import { createServer } from 'node:http';
  createServer((q, s) => s.end('${answer}')).listen(process.env.PORT, process.env.HOST);`;

describe('artifacts, as they are typed', () => {
  let platform: Platform;
  /** Where the manifest is. Not where `supplant dev` runs, nor where commands are typed. */
  let project: string;

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'supplant-artifacts-'));
    platform = await Platform.share();
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
    await rm(project, { recursive: true, force: true });
  });

  const supplant = (args: string[], cwd: string): Promise<{ stdout: string }> =>
    promisify(execFile)(LAUNCHER, [...args, '--data', platform.folder.root], { cwd });

  const refused = async (args: string[], cwd = project): Promise<string> => {
    try {
      await supplant(args, cwd);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error(`${args.join(' ')} was not refused`);
  };

  const answers = async (name: string, environment = 'production'): Promise<string> => {
    const { route } = await platform.client.view({ name, environment });
    assert.ok(route);
    return (await fetch(formatEndpointUrl(route.address))).text();
  };

  const manifest = async (folder: string, artifact: string, name = 'greeter'): Promise<string> => {
    const file = join(folder, 'supplant.yaml');
    const config = '{ command: [node, server.mjs], stopGrace: 1s }';
    await writeFile(
      file,
      `{ apiVersion: supplant.dev/v1, kind: Service, name: ${name}, environment: production, artifact: '${artifact}',
      blueprint: { name: local-process, config: ${config} }, strategy: { kind: blue-green, bake: 300ms } }`,
    );
    return file;
  };

  it('run a command, and checks, in the folder of the manifest of the documents', async () => {
    const [, yaml = ''] = /```yaml\n(apiVersion: .*?)```/s.exec(await readFile(MANIFEST_PAGE, 'utf8')) ?? [];
    const typed = yaml.replace(/^artifact: .*$/m, 'artifact: cmd:node server.mjs').replace(/bake: 10s/, 'bake: 1s');
    assert.match(typed, /smoke\.mjs/);
    await writeFile(join(project, 'supplant.yaml'), typed);
    await writeFile(join(project, 'server.mjs'), server('from the manifest’s folder'));
    await writeFile(
      join(project, 'smoke.mjs'),
      "const text = await (await fetch(process.argv[2])).text(); process.exit(text.startsWith('from') ? 0 : 1);",
    );
    await supplant(['apply', '-f', join(project, 'supplant.yaml')], tmpdir());
    assert.equal(await answers('web'), 'from the manifest’s folder');
  });

  it('count from where they are written: the manifest, or the command line', async () => {
    const [beside, elsewhere] = [join(project, 'beside'), join(project, 'else where #2')];
    for (const [folder, answer] of [
      [beside, 'beside'],
      [elsewhere, 'elsewhere'],
    ] as const) {
      await mkdir(join(folder, 'app'), { recursive: true });
      await writeFile(join(folder, 'app', 'server.mjs'), server(answer));
    }
    await supplant(['apply', '-f', await manifest(beside, './app')], elsewhere);
    assert.equal(await answers('greeter'), 'beside');
    await supplant(['deploy', 'greeter', '-a', './app'], elsewhere);
    assert.equal(await answers('greeter'), 'elsewhere');
  });

  it('are the same wherever their folder lies', async () => {
    const folders = ['checkout-1', 'checkout-2'].map((name) => join(project, name));
    const answered = [];
    for (const folder of folders) {
      await mkdir(join(folder, 'app'), { recursive: true });
      await writeFile(join(folder, 'app', 'server.mjs'), server('the same'));
      const { stdout } = await supplant(
        ['apply', '-f', await manifest(folder, './app', 'moved'), '-o', 'json'],
        folder,
      );
      answered.push((JSON.parse(stdout) as { receipt: { revision: number; unchanged: boolean } }).receipt);
    }
    assert.deepEqual(
      answered.map(({ revision, unchanged }) => [revision, unchanged]),
      [
        [1, false],
        [1, true],
      ],
    );
    assert.equal(await answers('moved'), 'the same');
  });

  it('are refused over the API where they cannot count from anywhere', async () => {
    const relative = { ...spec('relative', command('x')), artifact: 'dir:./app' };
    const invalid = (path: string) => (error: unknown) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.reason, 'INVALID');
      assert.match(
        error.faults.find((fault) => fault.path === path)?.message ?? '',
        /absolute path, such as dir:\/srv/,
      );
      return true;
    };
    await assert.rejects(platform.client.apply(relative, change()), invalid('spec.artifact'));
    const { service } = spec('greeter', command('x'));
    const deploy = platform.client.deploy({ ...service, environment: 'production' }, './app', change());
    await assert.rejects(deploy, invalid('deploy.artifact'));
  });

  it('are refused at once, by name, where they cannot be copied', async () => {
    const app = join(project, 'odd');
    await mkdir(app);
    execFileSync('mkfifo', [join(app, 'pipe')]);
    assert.match(
      await refused(['deploy', 'greeter', '-a', './odd']),
      /odd\/pipe is a named pipe, which cannot be copied/,
    );
    assert.match(await refused(['deploy', 'greeter', '-a', '/proc']), /\/proc is made by the kernel/);
    assert.match(
      await refused(['deploy', 'greeter', '-a', 'dir:nowhere']),
      /nowhere is not a folder on the worker's host/,
    );
    assert.match(await refused(['deploy', 'greeter', '-a', 'npm:-g@1.0.0']), /'-g' is not an npm package name/);
    const { status } = await platform.client.view({ name: 'greeter', environment: 'production' });
    assert.equal(status.running, undefined);
  });

  it('are refused where a check has no folder to run in', async () => {
    const checks = [
      { ...spec('x', command('x')).checks[0]!, kind: 'command' as const, name: 'smoke', command: ['true'] },
    ];
    const wanted = spec('checked', command('x'), { checks: [{ ...checks[0]!, workingDirectory: '/no/such/folder' }] });
    await assert.rejects(platform.client.apply(wanted, change()), (error: unknown) => {
      assert.match((error as ApiError).faults[0]?.path ?? '', /checks\[0\]\.workingDirectory/);
      return true;
    });
  });

  it('may be folders of 20,000 files', async () => {
    const app = join(project, 'many');
    for (let part = 0; part < 20; part += 1) {
      await mkdir(join(app, `${part}`), { recursive: true });
      const files = Array.from({ length: 1_000 }, (_, index) => join(app, `${part}`, `${index}.txt`));
      await Promise.all(files.map((file) => writeFile(file, file)));
    }
    await writeFile(join(app, 'server.mjs'), server('many'));
    await supplant(['deploy', 'greeter', '-a', './many'], project);
    assert.equal(await answers('greeter'), 'many');
  });
});
