import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identifyProcess, isAlive, parseStat, identifySelf, startedAt } from '../../src/host/process-identity.ts';

describe('the identity of a process', () => {
  it('is read from /proc/<pid>/stat, whatever the command is called', () => {
    const fields = `S 1 4242 4242 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0`;
    for (const command of ['(node)', '(a b) c)', '(()', '()']) {
      assert.deepEqual(parseStat(`4242 ${command} ${fields}`), {
        state: 'S',
        parent: 1,
        group: 4242,
        session: 4242,
        startTicks: '987654',
      });
    }
    assert.equal(parseStat('4242 (node) S 1'), undefined);
  });

  it('belongs to one process, until that ends', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const identity = identifyProcess(child.pid!)!;
    assert.equal(isAlive(identity), true);
    assert.equal(isAlive({ ...identity, started: identifySelf().started }), false);
    const began = startedAt(child.pid!)!;
    assert.ok(Math.abs(Date.now() - began) < 60_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(isAlive(identity), false);
    assert.equal(isAlive(identifySelf()), true);
  });
});
