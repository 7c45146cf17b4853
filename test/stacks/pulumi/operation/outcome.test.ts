import assert from 'node:assert/strict';
import {
  BlueprintError,
  EngineError,
  OperationAborted,
  ResourceError,
  StackBusyError,
} from '../../../../src/stacks/driver.ts';
import {
  createFailedOutcome,
  type Outcome,
  readPlan,
  wasAborted,
} from '../../../../src/stacks/pulumi/operation/outcome.ts';

/** As it comes out of the file that a runner has written. */
function read(outcome: Outcome): Outcome {
  return JSON.parse(JSON.stringify(outcome)) as Outcome;
}

describe('an outcome that another process has written down', () => {
  for (const type of [BlueprintError, EngineError, OperationAborted, ResourceError, StackBusyError]) {
    it(`is the same ${type.name}`, () => {
      const error = new type('what is wrong', 'all that was printed');
      const outcome = read(createFailedOutcome(error));
      assert.throws(
        () => readPlan(outcome),
        (thrown: unknown) => {
          assert.ok(thrown instanceof type);
          const { name, message, details, retryable } = error;
          assert.deepEqual(
            [thrown.name, thrown.message, thrown.details, thrown.retryable],
            [name, message, details, retryable],
          );
          return true;
        },
      );
      assert.equal(wasAborted(outcome), type === OperationAborted);
    });
  }

  it('is an EngineError where something else was thrown', () => {
    assert.throws(() => readPlan(read(createFailedOutcome(new TypeError('x is not a function')))), EngineError);
  });

  it('is the plan where it ended well', () => {
    const plan = { changes: { create: 2 }, lines: ['create p1'], steps: [] };
    assert.deepEqual(readPlan(read({ plan })), plan);
  });
});
