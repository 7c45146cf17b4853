import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ContractRecord } from '../../src/domain/migrations/contract.ts';
import type { Catalogue } from '../../src/store/catalogue/catalogue.ts';
import type { Command } from '../../src/domain/service/requests.ts';
import { revision, spec } from '../workflow/samples.ts';

const WEB = { name: 'web', environment: 'production' };
const API = { name: 'api', environment: 'production' };

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function command(number: number, over: Partial<Command> = {}): Command {
  const change = { actor: 'ada', reason: 'grüße', requestId: `request-${number}`, expiresAt: at(number + 8) };
  return {
    id: `id-${number}`,
    service: WEB,
    asked: { kind: 'apply', spec: spec(WEB) },
    change,
    at: at(number),
    ...over,
  };
}

function never(): never {
  throw new Error('it is not listed');
}

/**
 * What every command log, teardown log and overview must do, whatever they stand on.
 *
 * @param open gives a catalogue of its own, empty, each time it is called, with the way to close it
 */
export function commandLogContract(
  name: string,
  open: () => Promise<{ catalogue: Catalogue; close: () => Promise<void> }>,
): void {
  describe(`command log contract: ${name}`, () => {
    let catalogue: Catalogue;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ catalogue, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was saved, to its own service alone; what is saved again changes nothing', async () => {
      const { commands } = catalogue;
      const large = command(1, { asked: { kind: 'deploy', artifact: 'x'.repeat(300_000) } });
      await commands.save(large);
      await commands.save(command(1, { asked: { kind: 'remove' } }));
      assert.deepEqual(await commands.find(WEB, 'id-1'), large);
      assert.equal(await commands.find(API, 'id-1'), undefined);
      assert.equal(await commands.find(WEB, 'id-2'), undefined);
    });

    it('forgets what is older than told, of all services', async () => {
      const { commands } = catalogue;
      for (const each of [command(1), command(2, { service: API }), command(5)]) await commands.save(each);
      await commands.prune(at(5));
      assert.equal(await commands.find(WEB, 'id-1'), undefined);
      assert.equal(await commands.find(API, 'id-2'), undefined);
      assert.deepEqual(await commands.find(WEB, 'id-5'), command(5));
    });

    it('keeps the latest attempt at each teardown, and shows them until they are forgotten', async () => {
      await catalogue.saveService(spec(WEB), 1);
      const teardown = { revision: 3, stack: 'web-production-r3', since: at(1), attempts: 2, nextAttemptAt: at(9) };
      await catalogue.teardowns.save(WEB, { ...teardown, lastError: 'second' });
      await catalogue.teardowns.save(WEB, { ...teardown, attempts: 1, lastError: 'first, and late' });
      const [found] = await catalogue.overview(WEB);
      assert.deepEqual(found?.quarantine, [{ ...teardown, lastError: 'second' }]);
      await catalogue.teardowns.forget(WEB, 3);
      assert.deepEqual((await catalogue.overview(WEB))[0]?.quarantine, []);
    });

    it('keeps contracts by revision, shows those that are not over, and leaves those that are as they are', async () => {
      await catalogue.saveService(spec(WEB), 1);
      const call = { url: 'https://h/', secret: 'env:S', timeoutMs: 10_000, afterMs: 5 };
      const contract = (number: number, state: ContractRecord['state']): ContractRecord => ({
        ...{ ...call, revision: number, rollout: number + 10, liveSince: at(1), since: at(1), calls: 0, state },
      });
      for (const number of [10, 9]) await catalogue.contracts.save(WEB, contract(number, 'waiting'));
      await catalogue.contracts.save(API, contract(2, 'waiting'));
      await catalogue.contracts.save(WEB, { ...contract(9, 'begun'), calls: 2, reason: 'no' });
      const shown = async () =>
        (await catalogue.overview(WEB))[0]?.contracts.map(({ revision: of, state }) => [of, state]);
      assert.deepEqual(await shown(), [
        [9, 'begun'],
        [10, 'waiting'],
      ]);
      await catalogue.contracts.save(WEB, contract(9, 'done'));
      await catalogue.contracts.save(WEB, contract(9, 'begun'));
      await catalogue.contracts.save(WEB, contract(10, 'cancelled'));
      assert.deepEqual(await shown(), []);
      assert.deepEqual(await catalogue.contracts.list(WEB), [contract(9, 'done'), contract(10, 'cancelled')]);
    });

    it('shows at once what stands, runs, ended last and waits of each service that is not removed', async () => {
      const state = (number: number, over: object) => ({
        ...revision(spec(WEB), number),
        since: at(1),
        endpoints: [],
        ...over,
      });
      for (const key of [WEB, API, { name: 'gone', environment: 'production' }])
        await catalogue.saveService(spec(key), 1);
      await catalogue.removeService({ name: 'gone', environment: 'production' }, at(2), 2);
      await catalogue.saveRevision(state(1, { state: 'warm', warmUntil: at(50) }) as never, 1);
      await catalogue.saveRevision(state(2, { state: 'live' }) as never, 1);
      await catalogue.saveRevision(state(3, { state: 'provisioning' }) as never, 1);
      await catalogue.saveRevision(state(4, { state: 'failed' }) as never, 1);
      const begun = { service: WEB, kind: 'deploy', actor: 'ada', startedAt: at(3) } as const;
      for (const number of [1, 2]) {
        await catalogue.saveRollout({ ...begun, number, endedAt: at(4), outcome: 'succeeded' });
      }
      await catalogue.saveRollout({ ...begun, number: 3, revision: 3 });
      await catalogue.saveRollout({ ...begun, number: 5, endedAt: at(6), outcome: 'aborted' });
      const waiting = {
        number: 4,
        kind: 'rollback',
        actor: 'bob',
        service: WEB,
        settings: {} as never,
        queuedAt: at(5),
      } as const;
      const request = { service: WEB, requestId: 'r', fingerprint: 'f', at: at(5), entry: waiting };
      await catalogue.requests.save(request);
      const [api = never(), web = never(), ...others] = await catalogue.overview();
      assert.deepEqual(others, []);
      assert.deepEqual(
        [api.spec.service, api.revisions, api.queue, api.running, api.last],
        [API, [], [], undefined, undefined],
      );
      assert.deepEqual(
        web.revisions.map(({ number, state: is, warmUntil }) => [number, is, warmUntil]),
        [
          [3, 'provisioning', undefined],
          [2, 'live', undefined],
          [1, 'warm', at(50)],
        ],
      );
      assert.deepEqual([web.running?.number, web.last?.number, web.queue], [3, 2, [waiting]]);
      assert.deepEqual(await catalogue.overview(WEB), [web]);
      assert.deepEqual(await catalogue.rollout(WEB, 3), { ...begun, number: 3, revision: 3 });
      assert.equal(await catalogue.rollout(WEB, 9), undefined);
      const gone = { name: 'gone', environment: 'production' };
      assert.equal((await catalogue.overview(gone))[0]?.removedAt, at(2));
      const stack = { stack: 'gone-production-r1', revision: 1, since: at(2), attempts: 1, lastError: 'no answer' };
      await catalogue.teardowns.save(gone, { ...stack, nextAttemptAt: at(9) });
      const names = async () => (await catalogue.overview()).map(({ spec: { service } }) => service.name);
      assert.deepEqual(await names(), ['api', 'gone', 'web'], 'as long as a stack is left');
      await catalogue.teardowns.forget(gone, 1);
      assert.deepEqual(await names(), ['api', 'web']);
    });
  });
}
