import assert from 'node:assert/strict';
import { readOptions } from '../../demo/options.ts';

const read = (...args: string[]) => readOptions(args, '/checkout', '/here');

describe("the demo's options", () => {
  const cases: [args: string[], wanted: ReturnType<typeof readOptions>][] = [
    [[], { help: false, keep: false, dataDir: '/checkout/.demo' }],
    [['--keep'], { help: false, keep: true, dataDir: '/checkout/.demo' }],
    [['--data', 'there'], { help: false, keep: false, dataDir: '/here/there' }],
    [['--data=/there', '--keep'], { help: false, keep: true, dataDir: '/there' }],
    [['-h'], { help: true, keep: false, dataDir: '/checkout/.demo' }],
  ];
  for (const [args, wanted] of cases) {
    it(`reads ${JSON.stringify(args)}`, () => assert.deepEqual(read(...args), wanted));
  }

  for (const [args, message] of [
    [['--kepe'], /--kepe/],
    [['more'], /more/],
    [['--data'], /--data/],
    [['--data='], /names no folder/],
  ] as [string[], RegExp][]) {
    it(`refuses ${JSON.stringify(args)}`, () => assert.throws(() => read(...args), message));
  }
});
