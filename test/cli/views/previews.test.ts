import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Frame } from '../../../src/cli/views/frame.ts';
import { renderPreview, renderPreviews } from '../../../src/cli/views/preview.ts';
import { type Line, width } from '../../../src/cli/views/text.ts';
import * as sample from '../../doubles/sample-previews.ts';
import { describeViews, drawn } from './describe-views.ts';

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  'preview-opening': (on) => renderPreview(sample.OPENING_PREVIEW, on),
  'preview-up': (on) => renderPreview(sample.UP_PREVIEW, on),
  'preview-broken': (on) => renderPreview(sample.BROKEN_PREVIEW, on),
  'preview-down': (on) => renderPreview(sample.DOWN_PREVIEW, on),
  'preview-list': (on) =>
    renderPreviews([sample.UP_PREVIEW, sample.RENEWING_PREVIEW, sample.OPENING_PREVIEW, sample.DOWN_PREVIEW], on),
  'preview-list-empty': (on) => renderPreviews([], on),
};

describe('views of previews', () => {
  describeViews(VIEWS);

  it('never let text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (branch, artifact, cells) => {
        const preview = { ...sample.BROKEN_PREVIEW, branch, artifact, sentences: [branch, artifact] };
        for (const view of [(on: Frame) => renderPreview(preview, on), (on: Frame) => renderPreviews([preview], on)]) {
          for (const row of drawn(view, cells, true)) {
            // eslint-disable-next-line no-control-regex
            assert.doesNotMatch(row, /[\u0000-\u001f\u007f-\u009f]/);
            assert.ok(width(row) <= cells);
          }
        }
      }),
    );
  });
});
