import assert from 'node:assert/strict';
import { countRequests } from '../../demo/refused-log.ts';

const CHECK = '[2026-11-24T03:12:17.426Z]  "GET /" "supplant-check"';
const NOT_FOUND = '[2026-11-24T03:12:17.435Z]  "GET /" Error (404): "Not found"';
const LOAD = '[2026-11-24T03:12:17.451Z]  "GET /package.json" "supplant-demo"';
const BROWSER = '[2026-11-24T03:12:17.451Z]  "GET /x?y=%22" "Mozilla/5.0 (X11; Linux x86_64)"';
const START = 'Starting up http-server, serving dist';

const cases: [what: string, lines: string[], checks: number, others: number][] = [
  ['nothing', [], 0, 0],
  ['only its start', [START, '', 'Hit CTRL-C to stop the server'], 0, 0],
  ['checks and their answers', [START, CHECK, NOT_FOUND, CHECK, NOT_FOUND], 2, 0],
  ["one of the load's", [CHECK, NOT_FOUND, LOAD, NOT_FOUND], 1, 1],
  ['anybody else', [BROWSER], 0, 1],
  ['a line that is still being written', [CHECK, LOAD.slice(0, 40)], 1, 0],
];

describe("the refused revision's log", () => {
  for (const [what, lines, checks, others] of cases) {
    it(`tells checks from other requests: ${what}`, () => {
      assert.deepEqual(countRequests(lines.join('\n')), { checks, others });
    });
  }
});
