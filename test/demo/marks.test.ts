import assert from 'node:assert/strict';
import { isMark } from '../../demo/marks.ts';

const ROOT = '/checkout/.demo';

const cases: [variables: string[], wanted: boolean][] = [
  [['HOME=/root', `SUPPLANT_DEMO=${ROOT}`], true],
  [[`SUPPLANT_PROCESS=${ROOT}/stacks/local-process/revisions/production/web-production-r1/p1.process.json`], true],
  [[], false],
  [['SUPPLANT_DEMO=/checkout/.demo-of-somebody'], false],
  [['SUPPLANT_PROCESS=/checkout/.demo-2/stacks/x'], false],
  [['SUPPLANT_PROCESS=/checkout/.supplant/stacks/x'], false],
  [[`PWD=${ROOT}`], false],
  [[`OTHER_SUPPLANT_DEMO=${ROOT}`], false],
];

describe("the demo's mark", () => {
  for (const [variables, wanted] of cases) {
    it(`${wanted ? 'is' : 'is not'} in ${JSON.stringify(variables)}`, () => {
      assert.equal(
        variables.some((variable) => isMark(variable, ROOT)),
        wanted,
      );
    });
  }
});
