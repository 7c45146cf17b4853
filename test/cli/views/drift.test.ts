import assert from 'node:assert/strict';
import fc from 'fast-check';
import { renderDrift } from '../../../src/cli/views/drift.ts';
import type { Frame } from '../../../src/cli/views/frame.ts';
import { type Line, width } from '../../../src/cli/views/text.ts';
import { DRIFT } from '../../doubles/sample-drift.ts';
import { describeViews, drawn } from './describe-views.ts';

const [, drifted, , fine] = DRIFT.stacks;

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  drift: (on) => renderDrift(DRIFT, on),
  'drift-none': (on) => renderDrift({ stacks: [fine!] }, on),
  'drift-empty': (on) => renderDrift({ stacks: [] }, on),
};

describe('views of drift', () => {
  describeViews(VIEWS);

  it('never let text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (because, name, cells) => {
        const since = drifted!.since!;
        const findings = drifted!.findings.map((finding) => ({ ...finding, name, properties: [because] }));
        const acknowledged = { by: name, at: since, reason: because };
        const stack = { ...drifted!, findings, acknowledged, trouble: { since, because } };
        for (const one of drawn((on) => renderDrift({ stacks: [stack], trouble: because }, on), cells, true)) {
          // eslint-disable-next-line no-control-regex
          assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f]/);
          assert.ok(width(one) <= cells);
        }
      }),
    );
  });
});
