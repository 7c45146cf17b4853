import assert from 'node:assert/strict';
import { AWAY_AFTER_MS, type Host, isHostId, judgeHost } from '../../../src/domain/hosts/host.ts';
import { buildHostViews } from '../../../src/domain/hosts/view.ts';
import {
  buildHostWait,
  describeAbsence,
  describeForgetting,
  describeHostWait,
} from '../../../src/domain/hosts/words.ts';

const SEEN = '2026-01-01T00:00:10.000Z';
const A: Host = {
  ...{ id: 'a-1', name: 'a', version: '0.1.0', firstSeenAt: SEEN, lastSeenAt: SEEN, unseenMs: 0 },
  workers: [{ pools: ['default', 'eu'], blueprints: [], unseenMs: 0 }],
};
const forgotten = (at: string) => ({ at, by: 'ada', reason: 'it burned down' });

describe('a host', () => {
  for (const [what, host, state] of [
    ['that was seen just now', A, 'live'],
    ['that may have missed a few signs', { ...A, unseenMs: AWAY_AFTER_MS }, 'live'],
    ['that was not seen for longer', { ...A, unseenMs: AWAY_AFTER_MS + 1 }, 'away'],
    ['that was forgotten after it was seen', { ...A, forgotten: forgotten('2026-01-01T00:00:11.000Z') }, 'forgotten'],
    ['that was forgotten and has come back', { ...A, forgotten: forgotten('2026-01-01T00:00:09.000Z') }, 'live'],
    [
      'that has come back and is away again',
      { ...A, unseenMs: 60_000, forgotten: forgotten('2026-01-01T00:00:09.000Z') },
      'away',
    ],
    ['that nobody has seen', undefined, 'unknown'],
  ] as const) {
    it(`${what} is ${state}`, () => {
      const { lastSeenAt, ...standing } = judgeHost('a-1', host);
      assert.deepEqual(standing, { host: 'a-1', state });
      assert.equal(lastSeenAt, host?.lastSeenAt);
    });
  }

  it('has an id that can be part of a task queue’s name', () => {
    for (const id of ['a', 'build-1-0a1b2c3d', 'a'.repeat(49)]) assert.ok(isHostId(id));
    for (const id of ['', '-a', 'A', 'a/b', 'a'.repeat(50), 7, undefined]) assert.ok(!isHostId(id));
  });

  it('is shown with what is bound to it, even where no worker of it was ever seen', () => {
    const bound = (host: string, stack: string) => ({ host, project: 'production', stack });
    const many = Array.from({ length: 101 }, (_, index) => bound('b-2', `web-production-r${index}`));
    const [first, second] = buildHostViews([A], [bound('a-1', 'web-production-r1'), ...many]);
    assert.deepEqual([first?.state, first?.stackCount, first?.stacks], ['live', 1, ['production/web-production-r1']]);
    assert.deepEqual(
      [second?.id, second?.state, second?.stackCount, second?.stacks.length],
      ['b-2', 'unknown', 101, 100],
    );
  });

  it('is waited for with all that a wait says', () => {
    const standing = judgeHost('a-1', { ...A, unseenMs: 60_000 });
    assert.deepEqual(buildHostWait(standing, { what: 'r5', since: SEEN, orBy: 'abort', then: 'it goes on' }), {
      on: `host a-1, last seen at ${SEEN}, where r5 runs`,
      since: SEEN,
      endedBy: 'a worker of that host that runs again; abort; supplant hosts forget a-1 --reason WHY',
      then: 'it goes on',
    });
    assert.equal(describeAbsence(standing), `host a-1, last seen at ${SEEN}, is away`);
    assert.match(describeAbsence(judgeHost('a-1', A)), /no worker of host a-1 began with it in time/);
  });

  it('that is live and does not begin is waited for in other words, and not to be forgotten', () => {
    const standing = judgeHost('a-1', A);
    const wait = buildHostWait(standing, { what: 'r5', since: SEEN, orBy: 'abort', then: 'it goes on' });
    assert.equal(wait.on, 'host a-1, which is live and has not begun, where r5 runs');
    assert.match(wait.endedBy, /^a free place there; .*; abort$/);
    assert.doesNotMatch(describeHostWait(standing), /forget/);
  });

  it('is forgotten with what that does in words', () => {
    assert.match(describeForgetting({ id: 'a-1', stackCount: 0 }), /no stack is bound to it/);
    assert.match(describeForgetting({ id: 'a-1', stackCount: 1 }), /what ran there, 1 stack, is taken to be gone/);
  });
});
