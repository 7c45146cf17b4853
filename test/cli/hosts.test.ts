import assert from 'node:assert/strict';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import { HOSTS } from '../doubles/sample-hosts.ts';

async function ask(args: readonly string[], answers: Answers = { hosts: HOSTS }) {
  const client = new RecordingClient(answers);
  const ran = await runCommand([...args], { client });
  return { ...ran, asked: (method: string) => client.calls.find((call) => call.method === method)?.args };
}

describe('supplant hosts', () => {
  it('lists them, with or without the word', async () => {
    for (const args of [['hosts'], ['hosts', 'list'], ['hosts', 'ls']]) {
      const ran = await ask(args);
      assert.equal(ran.code, 0, ran.stderr.text);
      assert.match(ran.stdout.text, /build-2-4e5f6a7b\s+away/);
    }
    assert.match((await ask(['hosts'], {})).stdout.text, /No worker was seen yet/);
  });

  it('writes JSON for programs', async () => {
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    assert.deepEqual(JSON.parse((await ask(['hosts', '-o', 'json'])).stdout.text), plain({ hosts: HOSTS }));
  });

  it('forgets one with a reason, and not without', async () => {
    const ran = await ask(['hosts', 'forget', 'build-2-4e5f6a7b', '--reason', 'it burned down', '--request-id', 'q']);
    assert.equal(ran.code, 0, ran.stderr.text);
    const [host, change] = ran.asked('forgetHost') as [string, { reason: string; requestId: string }];
    assert.deepEqual([host, change.reason, change.requestId], ['build-2-4e5f6a7b', 'it burned down', 'q']);
    assert.match(ran.stdout.text.replaceAll(/\s+/g, ' '), /what ran there, 5 stacks, is taken to be gone/);
    for (const reason of [[], ['--reason', ' ']]) {
      const refused = await ask(['hosts', 'forget', 'build-2-4e5f6a7b', ...reason]);
      assert.equal(refused.code, 2);
      assert.equal(refused.asked('forgetHost'), undefined);
    }
    const dry = await ask(['hosts', 'forget', 'build-2-4e5f6a7b', '--reason', 'x', '--dry-run']);
    assert.match(dry.stdout.text, /nothing was done/);
  });
});
