import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { describe, it } from 'mocha';
import { openStore } from '../../../src/store/store.ts';
import { describeWithPostgres } from '../../postgres/with-postgres.ts';
import { temporaryPath } from './temporary-store.ts';

const PROGRAM = fileURLToPath(new URL('appending-process.ts', import.meta.url));

interface Appender {
  child: ChildProcessByStdio<Writable, Readable, Readable>;
  ready: Promise<unknown>;
  /** `key seq` of every append that returned. */
  acknowledged: string[];
  ended: Promise<{ code: unknown; signal: unknown; stderr: string }>;
}

/** @param onEach hears how many appends have returned */
function startAppender(
  path: string,
  name: string,
  count: number,
  onEach: (done: number) => void = () => undefined,
): Appender {
  const args = [PROGRAM, path, name, String(count)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ready = Promise.withResolvers<string>();
  const acknowledged: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    if (line === 'ready') ready.resolve(line);
    else onEach(acknowledged.push(line));
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]) => {
    ready.reject(new Error(`ended before it was ready: ${stderr}`));
    return { code: code as unknown, signal: signal as unknown, stderr };
  });
  return { child, ready: ready.promise, acknowledged, ended };
}

/** Gets them going at the same moment, once all are ready. */
async function release(...appenders: Appender[]): Promise<void> {
  await Promise.all(appenders.map(({ ready }) => ready));
  for (const { child } of appenders) child.stdin.end('go\n');
}

/** @param place gives a store of its own, not yet made, and lets go of it */
function sharedByProcesses(name: string, place: () => Promise<{ path: string } & AsyncDisposable>): void {
  describe(`audit log shared by processes: ${name}`, () => {
    it('is one chain, each key once, when processes create it and append to it at the same time', async () => {
      await using shared = await place();
      const count = 80;
      const appenders = ['a', 'b', 'c', 'd'].map((name) => startAppender(shared.path, name, count));
      await release(...appenders);
      for (const { ended } of appenders) assert.deepEqual(await ended, { code: 0, signal: null, stderr: '' });

      const { audit, close } = await openStore(shared.path);
      const events = await audit.list();
      const verdict = await audit.verify();
      await close();
      assert.deepEqual([verdict.ok, verdict.events], [true, count / 2 + 4 * (count / 2)]);
      const onRecord = new Set(events.map((event) => `${event.key} ${event.seq}`));
      for (const { acknowledged } of appenders) {
        assert.equal(acknowledged.length, count);
        assert.deepEqual(
          acknowledged.filter((line) => !onRecord.has(line)),
          [],
        );
      }
    });

    it('holds, with every append that returned, after a process that appends is killed, again and again', async () => {
      await using shared = await place();
      const acknowledged: string[] = [];
      for (let round = 1; round <= 4; round += 1) {
        const appender = startAppender(shared.path, `round-${round}`, Infinity, (done) => {
          if (done === 10 * round) appender.child.kill('SIGKILL');
        });
        await release(appender);
        assert.deepEqual(await appender.ended, { code: null, signal: 'SIGKILL', stderr: '' });
        acknowledged.push(...appender.acknowledged);

        const { audit, close } = await openStore(shared.path);
        const verdict = await audit.verify();
        const onRecord = new Set((await audit.list()).map((event) => `${event.key} ${event.seq}`));
        await close();
        assert.ok(verdict.ok, JSON.stringify(verdict));
        const lost = acknowledged.filter((line) => !onRecord.has(line));
        assert.deepEqual(lost, []);
        // At most one more a round: the one whose return the kill cut off.
        assert.ok(onRecord.size <= new Set(acknowledged).size + round);
      }
    });
  });
}

sharedByProcesses('SQLite', temporaryPath);

describeWithPostgres('with Postgres', (cluster) => {
  const database = async () => ({
    path: await cluster().createDatabase(),
    [Symbol.asyncDispose]: async () => undefined,
  });
  sharedByProcesses('Postgres', database);
});
