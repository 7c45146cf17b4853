import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { waitUntil } from '../../src/host/polling.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import type {
  Claim,
  ClaimAnswer,
  KeptOutcome,
  LeaseLog,
  OpenLeases,
  StackLedger,
  Succession,
} from '../../src/stacks/pulumi/lock/ledger.ts';

const ID = { project: 'test', stack: 'web-test-r1' };
const OTHER = { project: 'test', stack: 'web-test-r10' };
const A = { host: 'a-1', machine: 'a', owner: { pid: 1, started: 'boot/1' } };
const A2 = { ...A, owner: { pid: 2, started: 'boot/2' } };
const B = { host: 'b-1', machine: 'b', owner: { pid: 1, started: 'boot/1' } };
const HOUR_MS = 3_600_000;

function madeFrom(artifact: string): StackInput {
  const service = { name: 'web', environment: 'test' };
  return { service, revision: 1, artifact, blueprint: { name: 'b', digest: 'd', config: { args: [artifact, '␀\0'] } } };
}

const KEPT: KeptOutcome = {
  spec: { v: 1, operation: 'up', id: ID, input: madeFrom('a') },
  outcome: { failure: { name: 'ResourceError', message: 'grüße ␀\0', details: '' } },
};

/**
 * What every ledger must do, whatever it stands on.
 *
 * @param open gives one of its own, empty, each time it is called, with the way to close it
 */
export function ledgerContract(
  name: string,
  open: () => Promise<{ ledger: StackLedger; close: () => Promise<void> }>,
): void {
  describe(`ledger contract: ${name}`, () => {
    let ledger: StackLedger;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ ledger, close } = await open());
    });
    afterEach(() => close());

    const claim = (
      holder: typeof A,
      judge: (present: Claim) => Succession | undefined = () => undefined,
      { id = ID, operation = 'up', leaseMs = HOUR_MS } = {},
    ): Promise<ClaimAnswer> => ledger.operations.claim({ id, operation, holder, leaseMs }, judge);

    const claimed = async (...args: Parameters<typeof claim>): Promise<Claim> => {
      const answer = await claim(...args);
      assert.ok(!answer.busy);
      return answer.claim;
    };

    it('gives a stack to one of many who claim it at once, and to the next when it is released', async () => {
      const answers = await Promise.all([A, A2, B, A, A2, B].map((holder) => claim(holder)));
      const taken = answers.flatMap((answer) => (answer.busy ? [] : [answer.claim]));
      assert.equal(taken.length, 1);
      const [first] = taken as [Claim];
      for (const { busy } of answers) if (busy) assert.deepEqual(busy, { ...first, startedAt: busy.startedAt });
      const { token, ...other } = await claimed(B, undefined, { id: OTHER, operation: 'destroy' });
      assert.ok(token > 0);
      assert.deepEqual([other.id, other.operation, other.host, other.owner], [OTHER, 'destroy', 'b-1', B.owner]);
      assert.deepEqual((await ledger.operations.list()).map(({ id }) => id.stack).toSorted(), [ID.stack, OTHER.stack]);
      assert.deepEqual((await ledger.operations.list('b-1')).map(({ id }) => id.stack).includes(OTHER.stack), true);
      await ledger.operations.release(first);
      const second = await claimed(A2);
      assert.ok(second.token > first.token);
      assert.deepEqual(second.abandoned, []);
      await ledger.operations.release(first);
      assert.equal((await claim(B)).busy?.token, second.token);
    });

    it('has a claim go on with its token and its folder where it is inherited', async () => {
      const first = await claimed(A);
      assert.equal(await ledger.operations.noteFolder(first, '/work/a'), true);
      await ledger.operations.keep(first, '/work/other', KEPT);
      const answer = await claim(A2, () => 'inherit', { operation: 'destroy' });
      assert.ok(!answer.busy);
      const { claim: second, left } = answer;
      assert.deepEqual([left?.operation, left?.owner, left?.folder, left?.kept], ['up', A.owner, '/work/a', undefined]);
      assert.deepEqual([second.token, second.folder], [first.token, '/work/a']);
      // Its runner goes on to renew the claim, whoever has it now.
      assert.equal(await ledger.operations.renew(first, HOUR_MS), true);
      assert.equal(await ledger.operations.noteFolder(first, '/work/b'), false);
      await ledger.operations.release(first);
      assert.equal((await claim(B)).busy?.operation, 'destroy');
    });

    it('raises the token where an owner claims anew what it has not noted the end of', async () => {
      const first = await claimed(A);
      await ledger.operations.noteFolder(first, '/work/a');
      const second = await claimed(A, () => 'resume');
      assert.ok(second.token > first.token);
      assert.equal(second.folder, '/work/a');
      await ledger.operations.release(first);
      assert.equal(await ledger.operations.renew(first, HOUR_MS), false);
      assert.equal((await claim(B)).busy?.token, second.token);
    });

    it('lets one of many supersede a claim, whose holder can do nothing with it any more', async () => {
      const first = await claimed(A);
      await ledger.operations.noteFolder(first, '/work/a');
      await ledger.operations.keep(first, '/work/a', KEPT);
      const others = [B, { ...B, host: 'c-1', machine: 'c' }];
      const judge = (present: Claim): Succession | undefined => (present.host === 'a-1' ? 'supersede' : undefined);
      const answers = await Promise.all(others.map((holder) => claim(holder, judge)));
      const taken = answers.flatMap((answer) => (answer.busy ? [] : [answer]));
      assert.equal(taken.length, 1);
      const [{ claim: second, left } = assert.fail()] = taken;
      assert.deepEqual(left?.kept, KEPT);
      assert.ok(second.token > first.token);
      assert.deepEqual([second.abandoned, second.folder], [['a'], undefined]);
      assert.equal(await ledger.operations.renew(first, HOUR_MS), false);
      assert.equal(await ledger.operations.noteFolder(first, '/work/late'), false);
      await ledger.operations.keep(first, '/work/a', KEPT);
      await ledger.operations.handBack(first, first);
      await ledger.operations.release(first);
      const [now] = await ledger.operations.list();
      assert.deepEqual([now?.token, now?.folder, now?.abandoned], [second.token, undefined, ['a']]);
      // What was kept is there for who takes it over from that one, until an engine begins anew.
      assert.deepEqual(now?.kept, KEPT);
      await ledger.operations.noteFolder(second, '/work/b');
      assert.equal((await ledger.operations.list())[0]?.kept, undefined);
    });

    it('has leases end by the database’s clock, unless they are renewed', async () => {
      const first = await claimed(A, undefined, { leaseMs: 1 });
      const isOver = async (): Promise<boolean> => (await claim(B)).busy?.isLeaseOver === true;
      assert.ok(await waitUntil(10_000, isOver));
      assert.equal(await ledger.operations.renew(first, HOUR_MS), true);
      assert.equal(await isOver(), false);
      // Not what was found before the renewal.
      const stale = await claim(B, (present) => (present.isLeaseOver ? 'supersede' : undefined));
      assert.equal(stale.busy?.token, first.token);
    });

    it('does not let a claim pass on that was renewed while it was judged', async () => {
      const first = await claimed(A, undefined, { leaseMs: 1 });
      const judged: boolean[] = [];
      let renewing: Promise<boolean> | undefined;
      assert.ok(await waitUntil(10_000, async () => (await claim(B)).busy?.isLeaseOver === true));
      // The renewal is on its way before the claim can be.
      const answer = await claim(B, ({ isLeaseOver }) => {
        judged.push(isLeaseOver);
        renewing ??= ledger.operations.renew(first, HOUR_MS);
        return isLeaseOver ? 'supersede' : undefined;
      });
      const wasRenewed = await renewing;
      assert.equal(answer.busy === undefined, wasRenewed === false, JSON.stringify(judged));
    });

    it('gives a claim back, with nothing that works under it', async () => {
      const first = await claimed(A);
      await ledger.operations.noteFolder(first, '/work/a');
      const second = await claimed(A2, () => 'inherit', { operation: 'sweep' });
      const { folder: _gone, ...rest } = first;
      await ledger.operations.handBack({ ...rest, kept: KEPT }, second);
      const [now] = await ledger.operations.list('a-1');
      assert.deepEqual(
        [now?.operation, now?.owner, now?.token, now?.folder, now?.kept],
        ['up', A.owner, first.token, undefined, KEPT],
      );
      assert.ok(await waitUntil(10_000, async () => (await ledger.operations.list())[0]?.isLeaseOver === true));
    });

    it('remembers what a stack was first made from, and where', async () => {
      const { commissions } = ledger;
      const [a, b] = [madeFrom('a'), madeFrom('b')];
      assert.equal(await commissions.find(ID), undefined);
      const first = await commissions.commission(ID, { digest: 'a', input: a, host: 'a-1' });
      assert.deepEqual(first, { input: 'a', provisioned: false, made: a, host: 'a-1' });
      await commissions.setDelivered(ID, true);
      const second = await commissions.commission(ID, { digest: 'b', input: b, host: 'b-1' });
      assert.deepEqual(second, { ...first, provisioned: true });
      assert.deepEqual(await commissions.find(ID), second);
      await commissions.setDelivered(ID, false);
      assert.equal((await commissions.find(ID))?.provisioned, false);
      await commissions.forget(ID);
      await commissions.forget(ID);
      assert.equal(await commissions.findHost(ID), undefined);
      const anew = await commissions.commission(ID, { digest: 'b', input: b });
      assert.deepEqual(anew, { input: 'b', provisioned: false, made: b });
      assert.equal(await commissions.findHost(ID), undefined);
    });

    it('lists what is bound to hosts, and gives up what is bound to one', async () => {
      const { commissions } = ledger;
      const bind = async (stack: string, host?: string): Promise<unknown> =>
        commissions.commission(
          { project: 'test', stack },
          { digest: 'd', input: madeFrom('a'), ...(host === undefined ? {} : { host }) },
        );
      for (const [stack, host] of [['s3', 'b-1'], ['s1', 'b-1'], ['s2', 'a-1'], ['s4']] as const)
        await bind(stack, host);
      const bound = ['s2', 's1', 's3'].map((stack) => ({
        project: 'test',
        stack,
        host: stack === 's2' ? 'a-1' : 'b-1',
      }));
      assert.deepEqual(await commissions.listBound(), bound);
      await commissions.unbind('b-1');
      const at = (await commissions.find({ project: 'test', stack: 's1' }))?.forgottenAt;
      assert.ok(at !== undefined && at > Date.parse('2020-01-01'));
      await commissions.unbind('b-1');
      assert.equal((await commissions.find({ project: 'test', stack: 's1' }))?.forgottenAt, at);
      assert.deepEqual(await commissions.listBound(), bound.slice(0, 1));
      assert.equal(await commissions.findHost({ project: 'test', stack: 's1' }), 'b-1');
      assert.equal((await commissions.find({ project: 'test', stack: 's2' }))?.forgottenAt, undefined);
    });

    it('has its leases kept by a process of its own, where they count', async () => {
      const { leases } = ledger.operations;
      if (!leases) return;
      const { openLeases } = (await import(pathToFileURL(leases.module).href)) as { openLeases: OpenLeases };
      const own = openLeases(leases.place);
      try {
        await keepsClaims(own);
      } finally {
        await own.close();
      }
    });

    async function keepsClaims(leases: LeaseLog): Promise<void> {
      const first = await claimed(A, undefined, { leaseMs: 1 });
      assert.ok(await waitUntil(10_000, async () => (await claim(B)).busy?.isLeaseOver === true));
      assert.equal(await leases.renew(first, HOUR_MS), true);
      assert.equal((await claim(B)).busy?.isLeaseOver, false);
      await ledger.operations.noteFolder(first, '/work/a');
      await leases.keep(first, '/work/other', KEPT);
      assert.equal((await ledger.operations.list())[0]?.kept, undefined);
      await leases.keep(first, '/work/a', KEPT);
      assert.deepEqual((await ledger.operations.list())[0]?.kept, KEPT);
      for (const late of [
        { ...first, token: first.token - 1 },
        { ...first, host: 'b-1' },
      ]) {
        assert.equal(await leases.renew(late, HOUR_MS), false);
      }
      await ledger.operations.release(first);
      assert.equal(await leases.renew(first, HOUR_MS), false);
    }
  });
}
