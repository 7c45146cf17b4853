import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { readWebhookAnswer } from '../../../src/domain/gates/webhook.ts';

describe("a webhook's answer", () => {
  const rows: [status: number, body: string, state: string, because: RegExp][] = [
    [200, '{"state":"open"}', 'open', /^it says open$/],
    [201, '{"state":"open","reason":"all green"}', 'open', /^all green$/],
    [200, '{"state":"closed","reason":"tests\\n run"}', 'closed', /^tests run$/],
    [200, '{"state":"refused","reason":"red"}', 'refused', /^red$/],
    [200, '{"state":"maybe"}', 'closed', /it answered 200: .*where .*is expected/],
    [200, '<html>sign in</html>', 'closed', /where .*is expected/],
    [200, '', 'closed', /with nothing, where/],
    [204, '', 'closed', /it answered 204 with nothing/],
    [302, '', 'closed', /^it answered 302$/],
    [403, 'who are you', 'closed', /^it answered 403: who are you$/],
    [500, '{"state":"open"}', 'closed', /^it answered 500: /],
    [200, '[{"state":"open"}]', 'closed', /expected/],
    [200, 'null', 'closed', /expected/],
  ];
  for (const [status, body, state, because] of rows) {
    it(`${status} ${body || 'nothing'}: ${state}`, () => {
      const answer = readWebhookAnswer({ status, body });
      assert.equal(answer.state, state);
      assert.match(answer.because, because);
    });
  }

  it('opens only by saying so, and is kept in one short line, whatever it is', () => {
    const body = fc.oneof(fc.string({ unit: 'binary', maxLength: 2_000 }), fc.json());
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), body, (status, text) => {
        const { state, because } = readWebhookAnswer({ status, body: text });
        assert.equal(state, 'closed');
        assert.ok(because.length <= 300 && !/[\n\p{Cc}]/u.test(because) && because.isWellFormed());
      }),
    );
  });
});
