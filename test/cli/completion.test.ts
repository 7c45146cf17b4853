import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { SCRIPTS } from '../../src/cli/completion.ts';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
const run = promisify(execFile);

describe('completion', () => {
  const offered = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await run(`${BIN}/supplant`, ['__complete', '--', ...words]);
    return stdout.split('\n').filter(Boolean);
  };

  it('offers commands, commands of commands, and options', async () => {
    assert.deepEqual(await offered('dep'), ['deploy']);
    assert.deepEqual(
      (await offered('audit', '')).sort(),
      ['export', 'help', 'list', 'verify'].filter((name) => name !== 'help'),
    );
    assert.deepEqual(await offered('deploy', 'web', '--art'), ['--artifact']);
    assert.ok((await offered('status', '--')).includes('--output'));
    assert.ok(!(await offered('')).includes('__complete'));
  });

  it('works in bash', async () => {
    const script = `${SCRIPTS.bash}\nCOMP_WORDS=(supplant roll); COMP_CWORD=1; _supplant; echo "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['-c', script], {
      env: { ...process.env, PATH: `${BIN}:${process.env.PATH ?? ''}` },
    });
    assert.equal(stdout.trim(), 'rollback');
  });
});
