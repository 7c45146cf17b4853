import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { renderDetails } from '../../../src/domain/rollout/details.ts';
import { GATED, GLASS_BROKEN, SUCCEEDED } from '../../doubles/sample-views.ts';

describe("a rollout's gates in the Temporal UI", () => {
  it('show who is waited for, and what to type', () => {
    const text = renderDetails(GATED);
    assert.match(text, /- gate approval qa before shift: waiting, 1 more approval of approver, beside bob/);
    assert.match(text, /```\nsupplant approve web\/production --rollout 12 --reason "…"\nsupplant reject web/);
  });

  it('shout that they were passed', () => {
    const text = renderDetails(GLASS_BROKEN);
    assert.match(text, /\*\*BREAK-GLASS\*\* by cy at .*: incident 4711/);
    assert.doesNotMatch(text, /supplant approve/);
  });

  it('are not spoken of where there are none', () => assert.doesNotMatch(renderDetails(SUCCEEDED), /gate|GLASS/));
});
