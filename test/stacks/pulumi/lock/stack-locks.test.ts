import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/host/polling.ts';
import { identifyProcess } from '../../../../src/host/process-identity.ts';
import { StackBusyError } from '../../../../src/stacks/driver.ts';
import { Ledger } from '../../../../src/stacks/pulumi/lock/ledger.ts';
import type { OperationSpec } from '../../../../src/stacks/pulumi/operation/operation-folder.ts';
import { FileStateStore } from '../../../../src/stacks/pulumi/state/file-state-store.ts';
import type { StackLockParts } from '../../../../src/stacks/pulumi/lock/stack-lock.ts';
import { StackLocks } from '../../../../src/stacks/pulumi/lock/stack-locks.ts';
import { uninterrupted } from '../../workbench.ts';

/** As on a disk that is full at the wrong moment. */
class ForgetfulLedger extends Ledger {
  isFull = false;

  override release(...args: Parameters<Ledger['release']>): void {
    if (this.isFull) throw new Error('database or disk is full');
    super.release(...args);
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

describe('turns of a stack', () => {
  let folder: string;
  let ledger: ForgetfulLedger;
  let turns: StackLocks;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-turns-'));
    ledger = new ForgetfulLedger(join(folder, 'operations.sqlite'));
    const settings = { workRoot: join(folder, 'work'), stopGraceMs: 1_000, idleMs: 1_000, stepMs: 1_000 };
    turns = new StackLocks({
      ledger,
      store: new FileStateStore(join(folder, 'state')),
      settings,
      log: () => undefined,
    } as Partial<StackLockParts> as StackLockParts);
  });
  afterEach(async () => {
    await turns.close();
    ledger.close();
    await rm(folder, { recursive: true });
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
    assert.deepEqual(ledger.claims(), []);
  });

  it('are noted to have ended as soon as that is possible, so that others get the stack, too', async () => {
    const other = identifyProcess(process.ppid)!;
    ledger.isFull = true;
    await turns.take(SPEC, uninterrupted(), async () => 'done');
    assert.notEqual(ledger.claim(SPEC.id, 'destroy', other, true).busy, undefined);
    ledger.isFull = false;
    assert.ok(await waitUntil(30_000, () => ledger.claims().length === 0));
    assert.deepEqual(ledger.claim(SPEC.id, 'destroy', other, true), {});
  });
});
