import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readyLines } from '../../../src/cli/commands/dev.ts';
import { fitHeight, type Frame, frame, render } from '../../../src/cli/views/frame.ts';
import { historyView } from '../../../src/cli/views/history.ts';
import { listView } from '../../../src/cli/views/list.ts';
import { serviceChanges } from '../../../src/cli/views/progress.ts';
import { rolloutView } from '../../../src/cli/views/rollout.ts';
import { serviceView } from '../../../src/cli/views/service.ts';
import { type Line, line, width, wrap } from '../../../src/cli/views/text.ts';
import { whySentences } from '../../../src/cli/views/why.ts';
import * as sample from '../../doubles/sample-views.ts';
import { assertGolden } from '../golden.ts';

const why = (rollout: (typeof sample)['BAKING']) => (on: Frame) =>
  whySentences(rollout, on.now).flatMap((text) => wrap(text, on.width).map((part) => line(part)));

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  'status-baking': (on) => serviceView(sample.BAKING_VIEW, on),
  'status-idle': (on) => serviceView(sample.IDLE_VIEW, on),
  'status-refused': (on) => serviceView(sample.REFUSED_VIEW, on),
  'rollout-succeeded': (on) => rolloutView(sample.SUCCEEDED, on),
  history: (on) => historyView(sample.HISTORY, on),
  list: (on) => listView([sample.IDLE_VIEW, sample.REFUSED_VIEW], on),
  'list-empty': (on) => listView([], on),
  'why-baking': why(sample.BAKING),
  'why-refused': why(sample.REFUSED),
  'why-rolled-back': why(sample.ROLLED_BACK),
  'why-succeeded': why(sample.SUCCEEDED),
  'watch-lines': (on) => [
    ...serviceChanges(undefined, sample.BAKING_VIEW, on),
    ...serviceChanges(sample.BAKING_VIEW, sample.IDLE_VIEW, on),
    ...serviceChanges(sample.IDLE_VIEW, sample.REFUSED_VIEW, on),
  ],
  'dev-ready': (on) =>
    readyLines(
      {
        api: '127.0.0.1:7700',
        temporalUi: 'http://127.0.0.1:8233',
        temporalAddress: '127.0.0.1:7233',
        namespace: 'default',
        routerSocket: '/srv/.supplant/router.sock',
        dataDir: '/srv/.supplant',
        store: '/srv/.supplant/supplant.sqlite',
      },
      on,
    ),
};

function drawn(view: (on: Frame) => Line[], cells: number, unicode: boolean, colour = false): string[] {
  const on = frame(cells, sample.NOW, unicode);
  return render(view(on), on, colour);
}

describe('views', () => {
  for (const [name, view] of Object.entries(VIEWS)) {
    it(`draws ${name} at 80 columns`, () => assertGolden(`${name}.80`, `${drawn(view, 80, true).join('\n')}\n`));
    it(`draws ${name} narrow and in ASCII`, () => {
      const lines = drawn(view, 44, false);
      assert.doesNotMatch(lines.join('\n'), /[^\n -~]/);
      assertGolden(`${name}.44-ascii`, `${lines.join('\n')}\n`);
    });
    it(`keeps ${name} within any width`, () => {
      for (let cells = 20; cells <= 140; cells += 1) {
        for (const text of drawn(view, cells, true)) assert.ok(width(text) <= cells, `${cells}: ${text}`);
      }
    });
    it(`draws ${name} with the same text in colour`, () => {
      // eslint-disable-next-line no-control-regex
      const plain = drawn(view, 80, true, true).map((text) => text.replaceAll(/\u001b\[\d+m/g, '').trimEnd());
      assert.deepEqual(plain, drawn(view, 80, true));
    });
  }

  it('draws in colour', () =>
    assertGolden('status-baking.80-colour', `${drawn(VIEWS['status-baking']!, 80, true, true).join('\n')}\n`));

  it('fits the whole story into 80 × 24', () => {
    const on = frame(80, sample.NOW, true);
    const lines = render(fitHeight(VIEWS['status-baking']!, on, 23), on, false);
    assertGolden('status-baking.80x24', `${lines.join('\n')}\n`);
    assert.ok(lines.length <= 23);
    assert.match(lines.at(-1)!, /Queue/);
  });

  it('says so where even the compact view is too high', () => {
    const on = frame(80, sample.NOW, true);
    const lines = render(fitHeight(VIEWS['status-baking']!, on, 10), on, false);
    assert.equal(lines.length, 10);
    assert.match(lines.at(-1)!, /more lines/);
  });

  it('never lets text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (because, artifact, cells) => {
        const rollout = { ...sample.REFUSED, because, artifact, reason: artifact };
        const view = { ...sample.REFUSED_VIEW, rollout };
        for (const one of drawn((on) => [...serviceView(view, on), ...rolloutView(rollout, on)], cells, true)) {
          // eslint-disable-next-line no-control-regex
          assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f]/);
          assert.ok(width(one) <= cells);
        }
      }),
    );
  });
});
