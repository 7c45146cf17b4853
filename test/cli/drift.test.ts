import assert from 'node:assert/strict';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import { DRIFT } from '../doubles/sample-drift.ts';
import { BAKING_VIEW } from '../doubles/sample-views.ts';

const web = { name: 'web', environment: 'production' };

async function ask(args: readonly string[], answers: Answers = { drift: DRIFT, views: [BAKING_VIEW] }) {
  const client = new RecordingClient(answers);
  const ran = await runCommand([...args], { client });
  return { ...ran, asked: (method: string) => client.calls.find((call) => call.method === method)?.args };
}

describe('supplant drift', () => {
  it('lists all stacks, with or without the word, or those of a service', async () => {
    for (const args of [['drift'], ['drift', 'list'], ['drift', 'ls']]) {
      const ran = await ask(args);
      assert.equal(ran.code, 0, ran.stderr.text);
      assert.match(ran.stdout.text, /4 stacks, 1 drifted/);
      assert.deepEqual(ran.asked('listDrift'), [undefined]);
    }
    assert.deepEqual((await ask(['drift', 'web/production'])).asked('listDrift'), [web]);
    assert.deepEqual((await ask(['drift', 'list', 'web/production'])).asked('listDrift'), [web]);
  });

  it('writes JSON for programs', async () => {
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    assert.deepEqual(JSON.parse((await ask(['drift', '-o', 'json'])).stdout.text), plain(DRIFT));
    const ran = await ask(['drift', 'acknowledge', 'web/production', 'r3', '--reason', 'x', '-o', 'json']);
    assert.deepEqual(JSON.parse(ran.stdout.text), {
      ...{ service: 'web/production', revision: 'r3' },
      effect: 'p1 (local-process:index:Process) is gone: that may stay',
    });
  });

  it('has stacks looked at, waits as long as that takes, and shows how they stand then', async () => {
    const ran = await ask(['drift', 'check', 'web/production'], { drift: DRIFT, unfinished: 2 });
    assert.equal(ran.code, 0, ran.stderr.text);
    assert.match(ran.stderr.text, /looking at all stacks/);
    assert.match(ran.stdout.text, /web\/production r3 {2}drifted/);
    assert.equal((await ask(['drift', 'check', '--timeout', 'soon'])).code, 2);
  });

  it('acknowledges with a reason, and not without', async () => {
    const ran = await ask(['drift', 'ack', 'web/production', 'r3', '--reason', 'the audit', '--request-id', 'q']);
    assert.equal(ran.code, 0, ran.stderr.text);
    const [service, revision, change] = ran.asked('acknowledgeDrift') as [object, number, { reason: string }];
    assert.deepEqual([service, revision, change.reason], [web, 3, 'the audit']);
    assert.match(ran.stdout.text, /^web\/production r3: p1 .* may stay/);
    for (const reason of [[], ['--reason', ' ']]) {
      const refused = await ask(['drift', 'acknowledge', 'web/production', 'r3', ...reason]);
      assert.equal(refused.code, 2);
      assert.equal(refused.asked('acknowledgeDrift'), undefined);
    }
    assert.match((await ask(['drift', 'ack', 'web/production', 'three', '--reason', 'x'])).stderr.text, /write r3/);
  });
});
