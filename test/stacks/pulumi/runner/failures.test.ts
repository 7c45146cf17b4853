import assert from 'node:assert/strict';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { createRedactor } from '../../../../src/domain/evidence/redaction.ts';
import { StackBusyError } from '../../../../src/stacks/driver.ts';
import { EventLog } from '../../../../src/stacks/pulumi/operation/engine-events.ts';
import { EngineExitError, toStackError } from '../../../../src/stacks/pulumi/runner/failures.ts';

const URN = 'urn:pulumi:web-test-r1::test::local-process:index:Process::p1';
const ROOT = 'urn:pulumi:web-test-r1::test::pulumi:pulumi:Stack::test-web-test-r1';

function events(...list: object[]): EventLog {
  const log = new EventLog('up', () => undefined);
  for (const event of list) log.note(event as EngineEvent);
  return log;
}
const error = (urn: string, message: string) => ({ diagnosticEvent: { severity: 'error', urn, message } });
const failed = { resOpFailedEvent: { metadata: { op: 'create', urn: URN, type: 'local-process:index:Process' } } };
const NO_PLUGIN =
  "could not load plugin for aws provider: no resource plugin 'pulumi-resource-aws' found in the workspace at version v7.48.0";
const PLACE = { home: '/my data', pulumiPath: '/bin/pulumi' };
const exit = (output: string) => new EngineExitError({ code: 255, signal: null, output });

describe('what is said of a failed operation', () => {
  const secret = 'ZZ-top-ZZ-secret-ZZ';
  const redact = createRedactor([{ name: 'TOKEN', value: secret }]);

  it('holds no part of a secret, wherever it is cut', () => {
    for (let length = 1_970; length < 2_005; length += 1) {
      const text = 'x'.repeat(length) + secret;
      const log = new EventLog('up', () => undefined, redact);
      log.note(error(URN, text) as EngineEvent);
      log.note(failed as EngineEvent);
      const operations = [
        { stack: 's', events: log, redact },
        { stack: 's', events: events(), programFault: new Error(text), redact },
        { stack: 's', events: events(), redact },
      ];
      for (const operation of operations) {
        const told = toStackError(operation, exit('x'.repeat(6_000) + text));
        assert.doesNotMatch(told.message + told.details, /ZZ/);
      }
    }
  });

  it('holds no part of a secret in its progress', () => {
    for (let length = 180; length < 205; length += 1) {
      const seen: string[] = [];
      const log = new EventLog('up', ({ message = '' }) => seen.push(message), redact);
      log.note(error(URN, 'x'.repeat(length) + secret) as EngineEvent);
      assert.match(seen.join(), /^x{180}/);
      assert.doesNotMatch(seen.join(), /ZZ/);
    }
  });
});

describe('what a failed operation is called', () => {
  const rows: [string, Parameters<typeof toStackError>, string, RegExp, boolean][] = [
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
      'a program whose result the SDK cannot send, which it finds after the program has returned',
      [
        {
          stack: 's',
          events: events(
            error(ROOT, 'Unhandled exception: TypeError: Cannot convert object\n    at safeToString (rpc.js:37:9)'),
          ),
        },
        exit('noise'),
      ],
      'BlueprintError',
      /program failed: TypeError: Cannot convert object$/,
      false,
    ],
    [
      'an exception for want of an answer, which another attempt may get',
      [
        { stack: 's', events: events(error(ROOT, 'Unhandled exception: Error: 14 UNAVAILABLE: no connection')) },
        exit(''),
      ],
      'EngineError',
      /14 UNAVAILABLE/,
      true,
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
      'a plugin that is not there',
      [{ stack: 's', events: events(error('', NO_PLUGIN)), plugins: PLACE }, exit('')],
      'PluginError',
      /^the Pulumi plugin aws 7\.48\.0 is not installed in \/my data; run: PULUMI_HOME='\/my data' \/bin\/pulumi plugin install resource aws v7\.48\.0$/,
      false,
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
      const told = toStackError(...given);
      assert.equal(told.name, name);
      assert.match(told.message, message);
      assert.equal(told.retryable, retryable);
    });
  }

  it('leaves what already has a name alone', () => {
    const busy = new StackBusyError('busy');
    assert.equal(toStackError({ stack: 's', events: events() }, busy), busy);
  });

  it('keeps messages and details short', () => {
    const told = toStackError(
      { stack: 's', events: events(error(URN, 'x'.repeat(10_000)), failed) },
      exit('y'.repeat(20_000)),
    );
    assert.equal(told.message.length, 2_000);
    assert.equal(told.details.length, 8_000);
  });
});
