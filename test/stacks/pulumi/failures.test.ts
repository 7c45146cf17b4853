import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { StackBusyError } from '../../../src/stacks/driver.ts';
import { EventLog } from '../../../src/stacks/pulumi/engine-events.ts';
import { EngineExitError, failure } from '../../../src/stacks/pulumi/runner/failures.ts';

const URN = 'urn:pulumi:web-test-r1::test::local-process:index:Process::p1';
const ROOT = 'urn:pulumi:web-test-r1::test::pulumi:pulumi:Stack::test-web-test-r1';

function events(...list: object[]): EventLog {
  const log = new EventLog('up', () => undefined);
  for (const event of list) log.note(event as EngineEvent);
  return log;
}
const error = (urn: string, message: string) => ({ diagnosticEvent: { severity: 'error', urn, message } });
const failed = { resOpFailedEvent: { metadata: { op: 'create', urn: URN, type: 'local-process:index:Process' } } };
const exit = (output: string) => new EngineExitError({ code: 255, signal: null, output });

describe('what a failed operation is called', () => {
  const rows: [string, Parameters<typeof failure>, string, RegExp, boolean][] = [
    [
      'a resource that failed, in its provider’s words',
      [{ stack: 's', events: events(error(URN, '1 error occurred:\n\t* it broke\n'), failed) }, exit('noise')],
      'ResourceError',
      /^it broke$/,
      true,
    ],
    [
      'a resource that failed silently',
      [{ stack: 's', events: events(failed) }, exit('')],
      'ResourceError',
      /^p1 failed$/,
      true,
    ],
    [
      'a resource whose inputs were refused',
      [{ stack: 's', events: events(error(URN, 'args differ'), error(ROOT, 'update failed')) }, exit('')],
      'BlueprintError',
      /^p1: args differ$/,
      false,
    ],
    [
      'a program that threw',
      [{ stack: 's', events: events(), programFault: new Error('no such zone') }, exit('')],
      'BlueprintError',
      /program failed: no such zone/,
      false,
    ],
    [
      'a caller who changed their mind, whatever else happened',
      [{ stack: 's', events: events(failed), stopped: 'caller' }, exit('')],
      'OperationAborted',
      /was stopped/,
      true,
    ],
    [
      'an engine that hung',
      [{ stack: 's', events: events(), stopped: 'hung' }, exit('')],
      'EngineError',
      /no progress/,
      true,
    ],
    [
      'a lock of somebody else’s',
      [{ stack: 's', events: events() }, exit('error: the stack is currently locked by 1 lock(s)')],
      'StackBusyError',
      /another Pulumi update holds s/,
      true,
    ],
    [
      'an engine that died',
      [{ stack: 's', events: events() }, exit('a\npanic: b\n')],
      'EngineError',
      /panic: b$/,
      true,
    ],
  ];
  for (const [what, given, name, message, retryable] of rows) {
    it(`${what}: ${name}`, () => {
      const told = failure(...given);
      assert.equal(told.name, name);
      assert.match(told.message, message);
      assert.equal(told.retryable, retryable);
    });
  }

  it('leaves what already has a name alone', () => {
    const busy = new StackBusyError('busy');
    assert.equal(failure({ stack: 's', events: events() }, busy), busy);
  });

  it('keeps messages and details short', () => {
    const told = failure(
      { stack: 's', events: events(error(URN, 'x'.repeat(10_000)), failed) },
      exit('y'.repeat(20_000)),
    );
    assert.equal(told.message.length, 2_000);
    assert.equal(told.details.length, 8_000);
  });
});
