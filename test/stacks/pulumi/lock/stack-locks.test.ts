import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/host/polling.ts';
import { identifyProcess, identifySelf } from '../../../../src/host/process-identity.ts';
import { EngineError, OperationAborted, StackBusyError, type StackProgress } from '../../../../src/stacks/driver.ts';
import type { Holder } from '../../../../src/stacks/pulumi/lock/ledger.ts';
import type { OperationSpec } from '../../../../src/stacks/pulumi/operation/operation-folder.ts';
import { FileStateStore } from '../../../../src/stacks/pulumi/state/file-state-store.ts';
import type { StackLockParts } from '../../../../src/stacks/pulumi/lock/stack-lock.ts';
import { StackLocks } from '../../../../src/stacks/pulumi/lock/stack-locks.ts';
import type { Database } from '../../../../src/store/database.ts';
import { KyselyOperationLedger } from '../../../../src/store/ledger/kysely-operation-ledger.ts';
import { openDatabase } from '../../../../src/store/store.ts';
import { uninterrupted } from '../../workbench.ts';

/** As on a disk that is full at the wrong moment, or behind a network that is. */
class ForgetfulLedger extends KyselyOperationLedger {
  isFull = false;
  /** Whoever claims a stack is not told that it has it. */
  isCutOff = false;

  override async claim(
    ...args: Parameters<KyselyOperationLedger['claim']>
  ): ReturnType<KyselyOperationLedger['claim']> {
    const answer = await super.claim(...args);
    if (this.isCutOff) throw new Error('Query read timeout');
    return answer;
  }

  override async release(...args: Parameters<KyselyOperationLedger['release']>): Promise<void> {
    if (this.isFull) throw new Error('database or disk is full');
    await super.release(...args);
  }
}

const SPEC: OperationSpec = {
  v: 1,
  operation: 'refresh',
  id: { project: 'test', stack: 'web-test-r1' },
  input: {
    service: { name: 'web', environment: 'test' },
    revision: 1,
    artifact: 'command',
    blueprint: { name: 'local-process', digest: 'd', config: {} },
  },
};
const UP: OperationSpec = { ...SPEC, operation: 'up' };
const LEASE_MS = 12_000;
const LEASES = { module: 'unused: no engine is run here', place: '' };

const holderOf = (host: string): Holder => ({ host, machine: host, owner: identifySelf() });

describe('turns of a stack', () => {
  let folder: string;
  let database: Database;
  const opened: StackLocks[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-turns-'));
    database = await openDatabase(join(folder, 'store.sqlite'));
  });
  afterEach(async () => {
    for (const turns of opened.splice(0)) await turns.close();
    await database.close();
    await rm(folder, { recursive: true });
  });

  const ledgerWith = (leases?: typeof LEASES): ForgetfulLedger =>
    new ForgetfulLedger(database.unsynced.$pickTables<'operations' | 'commissions'>(), database.clockMs, leases);

  const turnsOf = (
    host: string,
    ledger: ForgetfulLedger,
    store = new FileStateStore(join(folder, 'state')),
  ): StackLocks => {
    const settings = {
      workRoot: join(folder, host),
      stopGraceMs: 1_000,
      idleMs: 1_000,
      stepMs: 1_000,
      leaseMs: LEASE_MS,
    };
    const parts: Partial<StackLockParts> = { ledger, holder: holderOf(host), store, settings, log: () => undefined };
    const turns = new StackLocks(parts as StackLockParts);
    opened.push(turns);
    return turns;
  };

  const claimBy = async (ledger: ForgetfulLedger, holder: Holder, leaseMs = LEASE_MS) =>
    ledger.claim({ id: SPEC.id, operation: 'destroy', holder, leaseMs }, () => undefined);

  describe('of one host', () => {
    let ledger: ForgetfulLedger;
    let turns: StackLocks;
    beforeEach(() => {
      ledger = ledgerWith();
      turns = turnsOf('a', ledger);
    });

    it('exclude each other', async () => {
      const first = Promise.withResolvers<undefined>();
      const held = turns.take(SPEC, uninterrupted(), () => first.promise);
      await assert.rejects(
        turns.take(SPEC, uninterrupted(), async () => 'second'),
        StackBusyError,
      );
      first.resolve(undefined);
      await held;
      assert.equal(await turns.take(SPEC, uninterrupted(), async () => 'third'), 'third');
    });

    it('end although that could not be noted: the stack is not busy for ever', async () => {
      ledger.isFull = true;
      assert.equal(await turns.take(SPEC, uninterrupted(), async () => 'done'), 'done');
      ledger.isFull = false;
      await turns.sweep();
      assert.equal(await turns.take(SPEC, uninterrupted(), async () => 'again'), 'again');
      assert.deepEqual(await ledger.list(), []);
    });

    it('are noted to have ended as soon as that is possible, so that others get the stack, too', async () => {
      const other = { ...holderOf('a'), owner: identifyProcess(process.ppid)! };
      ledger.isFull = true;
      await turns.take(SPEC, uninterrupted(), async () => 'done');
      assert.notEqual((await claimBy(ledger, other)).busy, undefined);
      ledger.isFull = false;
      assert.ok(await waitUntil(30_000, async () => (await ledger.list()).length === 0));
      assert.equal((await claimBy(ledger, other)).busy, undefined);
    });

    it('go by who is alive, and by no lease, where the ledger is a file of this machine', async () => {
      const living = await claimBy(ledger, { ...holderOf('b'), owner: identifyProcess(process.ppid)! }, 1);
      await assert.rejects(
        turns.take(UP, uninterrupted(), async () => 'second'),
        StackBusyError,
      );
      assert.ok(!living.busy);
      await ledger.release(living.claim);
      await claimBy(ledger, { ...holderOf('b'), owner: { pid: process.pid, started: 'long ago' } });
      assert.equal(await turns.take(UP, uninterrupted(), async () => 'third'), 'third');
    });
  });

  it('tell the state whose writes count, before anything is done', async () => {
    const ledger = ledgerWith(LEASES);
    const fences: number[] = [];
    class FencedStore extends FileStateStore {
      async fence(_id: unknown, token: number): Promise<void> {
        fences.push(token);
      }
    }
    const turns = turnsOf('a', ledger, new FencedStore(join(folder, 'state')));
    for (const count of [1, 2]) {
      await turns.take(UP, uninterrupted(), async () => {
        const [claim] = await ledger.list();
        assert.deepEqual([fences.length, fences.at(-1)], [count, claim?.token]);
      });
    }
    assert.ok(fences[1]! > fences[0]!);
  });

  describe('of several hosts', () => {
    let ledger: ForgetfulLedger;
    let turns: StackLocks;
    beforeEach(() => {
      ledger = ledgerWith(LEASES);
      turns = turnsOf('b', ledger);
    });

    it('wait for another host’s, say so, and begin when that one has ended', async () => {
      const first = Promise.withResolvers<string>();
      const held = turnsOf('a', ledger).take(UP, uninterrupted(), () => first.promise);
      assert.ok(await waitUntil(5_000, async () => (await ledger.list()).length === 1));
      const seen: StackProgress[] = [];
      const waiting = turns.take({ ...UP, operation: 'destroy' }, uninterrupted(seen), async () => 'second');
      assert.ok(await waitUntil(10_000, () => seen.length > 1));
      assert.match(seen[0]?.message ?? '', /^waits for a, which works on it \(pulumi up, begun \d{4}-/);
      assert.equal(seen[0]?.operation, 'destroy');
      first.resolve('first');
      assert.deepEqual(await Promise.all([held, waiting]), ['first', 'second']);
      assert.deepEqual(await ledger.list(), []);
    });

    it('do not wait to have a mere look, nor for longer than they are wanted', async () => {
      await claimBy(ledger, holderOf('a'));
      await assert.rejects(
        turns.take(SPEC, uninterrupted(), async () => 'look'),
        /is busy: pulumi destroy of process \d+ of a, begun/,
      );
      const calling = new AbortController();
      const waits = Promise.withResolvers<undefined>();
      const context = { signal: calling.signal, onProgress: () => waits.resolve(undefined) };
      const waiting = turns.take(UP, context, async () => 'never');
      await waits.promise;
      calling.abort();
      await assert.rejects(waiting, OperationAborted);
    });

    it('take over from one whose lease is over, whoever is alive', async () => {
      await claimBy(ledger, holderOf('a'), 1);
      assert.ok(await waitUntil(5_000, async () => (await ledger.list())[0]?.isLeaseOver === true));
      const seen: StackProgress[] = [];
      assert.equal(await turns.take(UP, uninterrupted(seen), async () => 'taken'), 'taken');
      assert.match(
        seen.at(-1)?.message ?? '',
        /^ends what a left, which has lost its lease: pulumi destroy of process/,
      );
    });

    it('give up a claim that they have and were not told of, though nobody asks for the stack again', async () => {
      ledger.isCutOff = true;
      await assert.rejects(
        turns.take(UP, uninterrupted(), async () => 'never'),
        /Query read timeout/,
      );
      ledger.isCutOff = false;
      const [left] = await ledger.list();
      assert.equal(left?.operation, 'up');
      await turns.sweep();
      assert.deepEqual(await ledger.list(), []);
    });

    it('keep what they hold, and what they have yet to note the end of, whatever is swept', async () => {
      const first = Promise.withResolvers<undefined>();
      const held = turns.take(UP, uninterrupted(), () => first.promise);
      assert.ok(await waitUntil(5_000, async () => (await ledger.list()).length === 1));
      const claims = await ledger.list();
      await turns.sweep();
      assert.deepEqual(await ledger.list(), claims);
      ledger.isFull = true;
      first.resolve(undefined);
      await held;
      await turns.sweep();
      assert.deepEqual((await ledger.list())[0]?.token, claims[0]?.token);
      ledger.isFull = false;
      assert.ok(await waitUntil(30_000, async () => (await ledger.list()).length === 0));
    });

    it('free nobody else’s claim when theirs was taken over, and do nothing more that cannot be undone', async () => {
      const lost = turns.take(UP, uninterrupted(), async (lock) => {
        await lock.prove();
        const request = { id: SPEC.id, operation: 'destroy', holder: holderOf('c'), leaseMs: LEASE_MS };
        await ledger.claim(request, () => 'supersede');
        await lock.prove();
      });
      await assert.rejects(
        lost,
        (error) => error instanceof EngineError && error.message.includes('taken over by another host'),
      );
      const [now] = await ledger.list();
      assert.deepEqual([now?.host, now?.abandoned], ['c', ['b']]);
    });
  });
});
