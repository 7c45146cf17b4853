import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { TemporaryCheckout } from './temporary-checkout.ts';

describe('bin/supplant', () => {
  let checkout: TemporaryCheckout;
  beforeEach(() => (checkout = new TemporaryCheckout()));
  afterEach(() => checkout.remove());

  function installNode(): void {
    mkdirSync(checkout.path('node_modules/.bin'), { recursive: true });
    symlinkSync(process.execPath, checkout.path('node_modules/.bin/node'));
    symlinkSync('../../bin/supplant', checkout.path('node_modules/.bin/supplant'));
  }

  function launch(args: readonly string[] = [], { command = 'node_modules/.bin/supplant', cwd = process.cwd() } = {}) {
    return spawn(checkout.path(command), args, { cwd });
  }

  it('hands over arguments, input, output and the exit code', async () => {
    installNode();
    checkout.write(
      'src/cli/main.ts',
      `const args: string[] = process.argv.slice(2);
       process.stdin.on('data', (chunk) => process.stdout.write(JSON.stringify(args) + String(chunk)));
       process.stdin.on('end', () => process.exit(7));`,
    );
    const child = launch(['deploy', 'two words', '', '*', '--x=$HOME']);
    child.stdin.end('typed');
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit') as Promise<[number]>]);
    assert.equal(output, '["deploy","two words","","*","--x=$HOME"]typed');
    assert.equal(code, 7);
  });

  it('is the command itself: no process in between, so a signal reaches it and its end is seen', async () => {
    installNode();
    checkout.write(
      'src/cli/main.ts',
      `process.on('SIGINT', () => process.exit(130));
       setInterval(() => undefined, 60_000);
       console.log(process.pid);`,
    );
    const child = launch();
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(Number(line.toString()), child.pid);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [130, null]);
  });

  it('works through a chain of links, from any folder', async () => {
    installNode();
    checkout.write('src/cli/main.ts', `console.log(process.cwd());`);
    symlinkSync('node_modules/.bin/supplant', checkout.path('here'));
    symlinkSync(checkout.path('here'), checkout.path('programs/elsewhere'));
    const child = launch([], { cwd: dirname(checkout.root), command: 'programs/elsewhere' });
    assert.equal((await text(child.stdout)).trim(), dirname(checkout.root));
  });

  it('says which command to type where nothing is set up', async () => {
    const child = launch([], { command: 'bin/supplant' });
    const [message, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
    assert.match(message, /not set up yet; run: npm --prefix '.*' run setup/);
    assert.equal(code, 1);
  });
});
