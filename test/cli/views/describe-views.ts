import assert from 'node:assert/strict';
import { type Frame, frame, render } from '../../../src/cli/views/frame.ts';
import { type Line, width } from '../../../src/cli/views/text.ts';
import { NOW } from '../../doubles/sample-views.ts';
import { assertGolden } from '../golden.ts';

/** A view as it stands on a screen. */
export function drawn(view: (on: Frame) => Line[], cells: number, unicode: boolean, colour = false): string[] {
  const on = frame(cells, NOW, unicode);
  return render(view(on), on, colour);
}

/** What every view has to be: as its golden screens have it, and within any width. */
export function describeViews(views: Readonly<Record<string, (on: Frame) => Line[]>>): void {
  for (const [name, view] of Object.entries(views)) {
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
}
