import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import { BAKING_VIEW } from '../doubles/sample-views.ts';

const STOPS = [
  { actor: 'ada', reason: 'incident 4711', since: '2026-01-01T00:00:00.000Z' },
  {
    environment: 'production',
    actor: 'bob',
    reason: 'x',
    since: '2026-01-01T00:00:00.000Z',
    until: '2030-01-01T00:00:00.000Z',
  },
];

async function ask(args: readonly string[], answers: Answers = { stops: STOPS, views: [BAKING_VIEW] }) {
  const client = new RecordingClient(answers);
  const ran = await runCommand([...args], { client });
  return { ...ran, asked: (method: string) => client.calls.find((call) => call.method === method)?.args };
}

describe('supplant change-stop', () => {
  it('lists what is stopped, with or without the word', async () => {
    for (const args of [['change-stop'], ['change-stop', 'list'], ['change-stop', 'ls']]) {
      const ran = await ask(args);
      assert.equal(ran.code, 0, ran.stderr.text);
      assert.match(ran.stdout.text, /all environments .*it is lifted .*ada .*incident 4711/);
      assert.match(ran.stdout.text, /environment production/);
    }
    assert.match((await ask(['change-stop'], {})).stdout.text, /No changes are stopped/);
    assert.deepEqual(JSON.parse((await ask(['change-stop', '-o', 'json'])).stdout.text), { stops: STOPS });
  });

  it('sets one with a reason, for a while or until it is lifted', async () => {
    const ran = await ask([
      'change-stop',
      'set',
      '--reason',
      'incident',
      '--environment',
      'production',
      '--until',
      '8h',
    ]);
    assert.equal(ran.code, 0, ran.stderr.text);
    const [stop, change] = ran.asked('setChangeStop') as [{ until: string; environment: string }, { reason: string }];
    assert.equal(stop.environment, 'production');
    assert.ok(!Number.isNaN(Date.parse(stop.until)));
    assert.equal(change.reason, 'incident');
    const endless = await ask(['change-stop', 'set', '--reason', 'incident']);
    assert.deepEqual(endless.asked('setChangeStop')?.[0], {});
  });

  it('sets none without a reason, nor until what is no time to come', async () => {
    for (const args of [
      [],
      ['--reason', ' '],
      ['--reason', 'x', '--until', 'soon'],
      ['--reason', 'x', '--until', '2020-01-01T00:00:00Z'],
    ]) {
      const ran = await ask(['change-stop', 'set', ...args]);
      assert.equal(ran.code, 2, ran.stdout.text);
      assert.equal(ran.asked('setChangeStop'), undefined);
    }
  });

  it('lifts one', async () => {
    const ran = await ask(['change-stop', 'lift', '--environment', 'production', '--reason', 'over']);
    assert.equal(ran.code, 0, ran.stderr.text);
    assert.deepEqual(ran.asked('liftChangeStop')?.[0], { environment: 'production' });
  });
});

describe('break-glass', () => {
  it('takes a reason, wherever it is asked for', async () => {
    for (const args of [
      ['deploy', 'web/production', '--artifact', 'npm:a@1.0.0', '--break-glass'],
      ['restart', 'web/production', '--break-glass', '--reason', ''],
      ['promote', 'web/production', '--break-glass'],
    ]) {
      const ran = await ask(args);
      assert.equal(ran.code, 2, ran.stdout.text);
      assert.match(ran.stderr.text, /--break-glass passes all gates/);
    }
  });

  it('goes to the gateway', async () => {
    const ran = await ask(['promote', 'web/production', '--break-glass', '--reason', 'incident']);
    assert.equal(ran.code, 0, ran.stderr.text);
    assert.partialDeepStrictEqual(ran.asked('act')?.[2], { breakGlass: true, reason: 'incident' });
    const receipt = { warnings: ['BREAK-GLASS by ada: rollout 12 passes all gates'] };
    const args = [
      'deploy',
      'web/production',
      '--artifact',
      'npm:a@1.0.0',
      '--break-glass',
      '--reason',
      'x',
      '--no-wait',
    ];
    const told = await ask(args, { views: [BAKING_VIEW], receipt });
    assert.match(told.stderr.text + told.stdout.text, /BREAK-GLASS by ada/);
    assert.partialDeepStrictEqual(told.asked('deploy')?.[2], { breakGlass: true, reason: 'x' });
  });
});
