import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logPath, recordPath, revisionDir } from '../../../blueprints/local-process/layout.ts';
import { revisionLogs } from '../../../blueprints/local-process/logs.ts';

const STACK = { project: 'test', stack: 'web-test-r1' };

describe('the logs of a revision', () => {
  it('are found by the revision alone, one a process, in the order of their numbers', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'supplant-logs-'));
    try {
      assert.deepEqual(await revisionLogs(dataDir, STACK), []);
      const revision = revisionDir(dataDir, STACK);
      await mkdir(revision, { recursive: true });
      for (const name of ['p10', 'p2', 'p1']) await writeFile(recordPath(revision, name), '{}');
      const expected = ['p1', 'p2', 'p10'].map((name) => ({ name, path: logPath(revision, name) }));
      assert.deepEqual(await revisionLogs(dataDir, STACK), expected);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
