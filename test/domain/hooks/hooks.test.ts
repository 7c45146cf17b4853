import assert from 'node:assert/strict';
import fc from 'fast-check';
import { REASON_LIMIT, readHookAnswer } from '../../../src/domain/hooks/answer.ts';
import { formatHookId } from '../../../src/domain/hooks/event.ts';
import { pickHooks, readHookRole } from '../../../src/domain/hooks/hook.ts';
import { computeNextCallMs } from '../../../src/domain/hooks/pace.ts';
import { addHookReport, concludeHook, narrateHooks } from '../../../src/domain/hooks/report.ts';
import { PHASES } from '../../../src/domain/rollout/rollout.ts';

const point = { name: 'smoke', moment: 'before', phase: 'shift' } as const;

describe('what a hook answers', () => {
  for (const [response, status, reason] of [
    [{ status: 200, body: '{"status":"succeeded"}' }, 'succeeded', undefined],
    [{ status: 201, body: '{"status":"failed","reason":" no \\n way "}' }, 'failed', /^no way$/],
    [{ status: 200, body: '{"status":"in-progress","reason":7}' }, 'in-progress', undefined],
    [{ status: 204, body: '' }, 'succeeded', undefined],
    [{ status: 200, body: '' }, 'failed', /^it answered 200 with nothing, where .* is expected$/],
    [{ status: 200, body: '<html>' }, 'failed', /^it answered 200: <html>, where/],
    [{ status: 200, body: '{"status":"success"}' }, 'failed', /is expected/],
    [{ status: 200, body: '["succeeded"]' }, 'failed', /is expected/],
    [{ status: 200, body: 'null' }, 'failed', /is expected/],
    [{ status: 302, body: '', location: 'http://x/' }, 'failed', /^it answered 302 and leads to http:\/\/x\/, which/],
    [{ status: 401, body: 'who?' }, 'failed', /^it answered 401: who\?$/],
    [{ status: 410, body: '' }, 'failed', /^it answered 410$/],
    [{ status: 408, body: '' }, 'unanswered', /408/],
    [{ status: 425, body: '' }, 'unanswered', /425/],
    [{ status: 429, body: '' }, 'unanswered', /429/],
    [{ status: 500, body: '{"status":"succeeded"}' }, 'unanswered', /^it answered 500: \{"status":"succeeded"\}$/],
    [{ status: 503, body: 'soon' }, 'unanswered', /^it answered 503: soon$/],
  ] as const) {
    it(`${response.status} ${response.body} is ${status}`, () => {
      const answer = readHookAnswer(response);
      assert.equal(answer.status, status);
      if (reason) assert.match(answer.reason ?? '', reason);
      else assert.equal(answer.reason, undefined);
    });
  }

  it('is one short line, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.string({ maxLength: 5_000, unit: 'binary' }),
        (status, body) => {
          for (const sent of [body, JSON.stringify({ status: 'failed', reason: body })]) {
            const { reason = '' } = readHookAnswer({ status, body: sent });
            assert.ok(reason.length <= REASON_LIMIT && !/[\p{Cc}\u2028\u2029]/u.test(reason), reason);
          }
        },
      ),
    );
  });

  it('names a pause only where it is to be asked again', () => {
    const retryAfterMs = 7_000;
    assert.equal(readHookAnswer({ status: 200, body: '{"status":"in-progress"}', retryAfterMs }).retryAfterMs, 7_000);
    assert.equal(readHookAnswer({ status: 503, body: '', retryAfterMs }).retryAfterMs, 7_000);
    assert.equal(readHookAnswer({ status: 200, body: '{"status":"failed"}', retryAfterMs }).retryAfterMs, undefined);
  });
});

describe('when a hook is asked again', () => {
  const limit = fc.integer({ min: 10, max: 86_400_000 });

  it('is before its time is over or just then, and a few hundred times in a day at most', () => {
    fc.assert(
      fc.property(limit, fc.option(fc.nat({ max: 100_000 }), { nil: undefined }), (limitMs, retryAfterMs) => {
        let waited = 0;
        let calls = 1;
        for (;;) {
          const next = computeNextCallMs(waited, limitMs, retryAfterMs);
          if (next === undefined) break;
          assert.ok(next >= 1 && waited + next <= limitMs);
          waited += next;
          calls += 1;
        }
        // The last call is made when the time is over.
        assert.equal(waited, limitMs);
        assert.ok(calls < 800, `${calls} calls`);
      }),
      { numRuns: 50 },
    );
  });

  it('is when it wants to be, within reason', () => {
    assert.equal(computeNextCallMs(0, 3_600_000, undefined), 500);
    assert.equal(computeNextCallMs(100_000, 3_600_000, undefined), 10_000);
    assert.equal(computeNextCallMs(100_000, 3_600_000, 20_000), 20_000);
    assert.equal(computeNextCallMs(100_000, 3_600_000, 1), 5_000);
    assert.equal(computeNextCallMs(100_000, 3_600_000, 9_000_000), 300_000);
  });
});

describe('a hook', () => {
  it('is asked in deployments as long as they can be put back, and told elsewhere', () => {
    const asked = (['before', 'after'] as const).flatMap((moment) =>
      PHASES.filter((phase) => readHookRole('deploy', { moment, phase }) === 'asked').map(
        (phase) => `${moment} ${phase}`,
      ),
    );
    assert.deepEqual(asked, [
      ...['before plan', 'before provision', 'before validate', 'before shift', 'before bake', 'before settle'],
      ...['after plan', 'after provision', 'after validate', 'after shift', 'after bake'],
    ]);
    for (const phase of PHASES) assert.equal(readHookRole('rollback', { moment: 'before', phase }), 'told');
  });

  it('is of the kinds of rollouts that it names', () => {
    const of = { url: 'http://h/', secret: 'env:S', timeoutMs: 1, waitForMs: 1, onFailure: 'ignore' } as const;
    const hooks = [
      { ...point, ...of, kinds: ['deploy' as const] },
      { ...point, ...of, name: 'both', kinds: ['rollback' as const, 'deploy' as const] },
    ];
    const names = (kind: 'deploy' | 'rollback' | 'remove'): string[] => pickHooks(hooks, kind).map(({ name }) => name);
    assert.deepEqual([names('deploy'), names('rollback'), names('remove')], [['smoke', 'both'], ['both'], []]);
    // What signs it, and where it leads, stays in the record.
    assert.ok(!/secret|url/.test(JSON.stringify(pickHooks(hooks, 'deploy'))));
  });

  it('has one id for all repeats of a call, without a full stop', () => {
    const service = { name: 'web', environment: 'production' };
    const event = { service, rollout: 12, hook: point };
    assert.equal(formatHookId(event), 'web/production:12:before-shift:smoke');
    const step = { number: 2, of: 3, weight: 50 };
    assert.equal(formatHookId({ ...event, step }), 'web/production:12:before-shift:2:smoke');
    assert.equal(formatHookId({ ...event, step, retry: 1 }), 'web/production:12:before-shift:2:smoke:retry-1');
  });

  it('that is not done when its time is over has failed', () => {
    const hook = { ...point, onFailure: 'rollback' } as const;
    const conclude = (status: 'in-progress' | 'unanswered', reason?: string) =>
      concludeHook(hook, { status, ...(reason === undefined ? {} : { reason }) }, '5m').reason;
    assert.equal(conclude('in-progress', 'half'), 'it was still in progress after 5m: half');
    assert.equal(conclude('unanswered'), 'it gave no answer within 5m');
  });

  it('is told of where it did not simply succeed, by what it said last', () => {
    const begun = { ...point, calls: 1, startedAt: '2026-01-01T00:00:00.000Z' };
    const reports = addHookReport(addHookReport([begun], { ...begun, name: 'other', status: 'succeeded' }), {
      ...{ ...begun, step: 2, calls: 3, status: 'failed', reason: 'no', isIgnored: true },
    });
    assert.deepEqual(narrateHooks(reports), [
      'Hook smoke, before shift of step 2, failed, from which nothing follows (called 3 times): no.',
    ]);
  });
});
