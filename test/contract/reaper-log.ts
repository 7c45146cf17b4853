import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ReaperNote } from '../../src/domain/reaper/facts.ts';
import type { Look, ReaperLog, ReaperRequest } from '../../src/store/reaper/log.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function note(stack: string, over: Partial<ReaperNote> = {}): ReaperNote {
  return { project: 'production', stack, reason: 'unknown', reach: 'machine', foundAt: at(1), attempts: 0, ...over };
}

function request(number: number, over: Partial<ReaperRequest> = {}): ReaperRequest {
  return { requestId: `request-${number}`, fingerprint: 'f', skipGrace: false, at: at(number), ...over };
}

/**
 * What every reaper log must do, whatever it stands on.
 *
 * @param open gives one of its own, empty, each time it is called, with the way to close it
 */
export function reaperLogContract(
  name: string,
  open: () => Promise<{ reaper: ReaperLog; close: () => Promise<void> }>,
): void {
  describe(`reaper log contract: ${name}`, () => {
    let reaper: ReaperLog;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ reaper, close } = await open());
    });
    afterEach(() => close());

    it('remembers of each stack what was noted last, by project and name, until it is forgotten', async () => {
      const tried = note('web-production-r2', { attempts: 3, triedAt: at(5), dueAt: at(9), lastError: 'grüße' });
      await reaper.saveNote(note('web-production-r2'));
      await reaper.saveNote(note('api-production-r1', { reach: 'shared' }));
      await reaper.saveNote(note('web-test-r2', { project: 'test', reason: 'lease-over', givenUpAt: at(3) }));
      await reaper.saveNote(tried);
      assert.deepEqual(await reaper.notes(), [
        note('api-production-r1', { reach: 'shared' }),
        tried,
        note('web-test-r2', { project: 'test', reason: 'lease-over', givenUpAt: at(3) }),
      ]);
      assert.deepEqual(await reaper.note(tried), tried);
      await reaper.forgetNote(tried);
      await reaper.forgetNote(tried);
      assert.equal(await reaper.note(tried), undefined);
      assert.equal((await reaper.notes()).length, 2);
    });

    it('keeps one look, the last', async () => {
      assert.equal(await reaper.look(), undefined);
      const first: Look = { findings: [], owned: 0, lookedAt: at(1) };
      const finding = {
        project: 'p',
        stack: 's',
        verdict: 'condemned',
        because: 'x'.repeat(9_000),
        attempts: 0,
      } as const;
      const second: Look = { sharedAt: at(1), findings: [finding], owned: 7, lookedAt: at(2), trouble: 'none' };
      await reaper.saveLook(first);
      await reaper.saveLook(second);
      assert.deepEqual(await reaper.look(), second);
    });

    it('keeps what is asked for until it is taken up; the first under an id stands', async () => {
      const first = request(2, { skipGrace: true });
      assert.deepEqual(await reaper.ask(first), first);
      assert.deepEqual(await reaper.ask(request(2, { fingerprint: 'other', at: at(7) })), first);
      await reaper.ask(request(1));
      assert.deepEqual(await reaper.waiting(), [request(1), first]);
      await reaper.takeUp('request-2', at(8));
      assert.deepEqual(await reaper.waiting(), [request(1)]);
      assert.deepEqual(await reaper.request('request-2'), first);
      assert.equal(await reaper.request('request-3'), undefined);
    });

    it('forgets old requests, but none that waits', async () => {
      for (const number of [1, 2, 3]) await reaper.ask(request(number));
      await reaper.takeUp('request-1', at(4));
      await reaper.takeUp('request-3', at(4));
      await reaper.prune(at(3));
      assert.equal(await reaper.request('request-1'), undefined);
      assert.deepEqual(await reaper.request('request-2'), request(2));
      assert.deepEqual(await reaper.request('request-3'), request(3));
    });
  });
}
