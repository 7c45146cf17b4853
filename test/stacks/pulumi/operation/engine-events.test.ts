import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import fc from 'fast-check';
import type { StackProgress } from '../../../../src/stacks/driver.ts';
import { EventLog } from '../../../../src/stacks/pulumi/operation/engine-events.ts';
import { followEvents, LineSplitter } from '../../../../src/stacks/pulumi/operation/event-file.ts';

const URN = 'urn:pulumi:web-test-r1::test::local-process:index:Process::p1';
const ROOT = 'urn:pulumi:web-test-r1::test::pulumi:pulumi:Stack::test-web-test-r1';

function step(
  kind: 'resourcePreEvent' | 'resOutputsEvent' | 'resOpFailedEvent',
  op = 'create',
  urn = URN,
): EngineEvent {
  const type = urn.split('::')[2];
  return { sequence: 1, timestamp: 1, [kind]: { metadata: { op, urn, type } } };
}

function said(severity: string, message: string, urn = URN): EngineEvent {
  return {
    sequence: 1,
    timestamp: 1,
    diagnosticEvent: { severity, message, urn, color: 'never' },
  } as unknown as EngineEvent;
}

describe('the log of engine events', () => {
  function followed(operation: StackProgress['operation'], events: EngineEvent[]) {
    const seen: StackProgress[] = [];
    const log = new EventLog(operation, (progress) => seen.push(progress));
    for (const event of events) log.note(event);
    return { log, seen, last: seen.at(-1) };
  }

  it('counts resources, not the stack that holds them', () => {
    const { seen, log } = followed('up', [
      step('resourcePreEvent', 'create', ROOT),
      step('resourcePreEvent'),
      step('resOutputsEvent'),
      step('resOutputsEvent', 'create', ROOT),
    ]);
    assert.deepEqual(
      seen.map(({ done, inProgress }) => [done, inProgress]),
      [
        [0, []],
        [0, ['p1']],
        [1, []],
        [1, []],
      ],
    );
    assert.deepEqual(log.plan.lines, ['create p1 (local-process:index:Process)']);
    assert.equal(log.stepsInFlight, 0);
  });

  it('keeps what failed and why, and shows the first line of the last message', () => {
    const { log, last } = followed('up', [
      step('resourcePreEvent'),
      said('debug', 'chatter'),
      said('error', 'it broke\nin two lines'),
      step('resOpFailedEvent'),
    ]);
    assert.deepEqual(log.failedResources, [URN]);
    assert.deepEqual(log.errors, [{ urn: URN, message: 'it broke\nin two lines' }]);
    assert.deepEqual(last, { operation: 'up', done: 0, inProgress: [], message: 'it broke' });
  });

  it('lists on refresh only what has changed', () => {
    const { log } = followed('refresh', [
      step('resourcePreEvent', 'refresh'),
      step('resOutputsEvent', 'delete'),
      step('resourcePreEvent', 'refresh', `${URN}2`),
      step('resOutputsEvent', 'same', `${URN}2`),
    ]);
    assert.deepEqual(log.plan.lines, ['delete p1 (local-process:index:Process)']);
  });
});

describe('the file of engine events', () => {
  it('is cut into the same lines however it arrives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 })),
        fc.integer({ min: 1, max: 7 }),
        (texts, size) => {
          const lines = texts.map((text) => JSON.stringify(text));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const got: string[] = [];
          const splitter = new LineSplitter((line) => got.push(line));
          for (let at = 0; at < bytes.length; at += size) splitter.take(bytes.subarray(at, at + size));
          assert.deepEqual(got, lines);
        },
      ),
    );
  });

  it('is followed while it grows, and read to its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'supplant-events-'));
    try {
      const path = join(folder, 'events.jsonl');
      const seen: EngineEvent[] = [];
      let told: () => void = () => undefined;
      const first = new Promise<void>((resolve) => (told = resolve));
      const followed = await followEvents(path, (event) => {
        seen.push(event);
        told();
      });
      await appendFile(path, '{"sequence":1}\n{"seq');
      await first;
      await appendFile(path, 'uence":2}\n{"sequence":3}\n');
      await followed.finish();
      assert.deepEqual(
        seen.map(({ sequence }) => sequence),
        [1, 2, 3],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
