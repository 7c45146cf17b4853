import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { withShortStacks } from '../../src/temporal/workflow-stacks.ts';

/** How many frames an error of a context has at most that is opened now. */
const readLimit = (): number => runInNewContext('Error.stackTraceLimit') as number;

describe('short stacks', () => {
  it('are those of the contexts that are opened meanwhile, and of no others', async () => {
    const before = readLimit();
    const context = await withShortStacks(async () => ({ limit: readLimit() }));
    assert.equal(context.limit, 2);
    assert.equal(readLimit(), before);
    assert.equal(Error.stackTraceLimit, before);
  });

  it('end where what opens contexts fails', async () => {
    const before = readLimit();
    await assert.rejects(
      withShortStacks(() => Promise.reject(new Error('no context'))),
      /no context/,
    );
    assert.equal(readLimit(), before);
  });
});
