import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { TestGateway } from '../gateway/gateway.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import * as sample from '../doubles/sample-views.ts';

const MAIN = resolve('src/cli/main.ts');
const MANIFEST = resolve('examples/folder/supplant.yaml');

/** Rollouts end when the test says so. */
class Held extends RecordingClient {
  readonly waited = Promise.withResolvers<undefined>();
  readonly end = Promise.withResolvers<RolloutStatus>();

  constructor(answers: Answers = {}) {
    super({ views: [sample.BAKING_VIEW], rollouts: [sample.BAKING], ...answers });
  }
  override async rollout(): Promise<RolloutStatus> {
    this.waited.resolve(undefined);
    return Promise.race([this.end.promise, Promise.resolve(sample.BAKING)]);
  }
}

/** The command line in a shell, where `supplant` is the real command before the gateway. */
function shell(gateway: TestGateway, script: string, env: Record<string, string> = {}) {
  const { NO_COLOR: _none, FORCE_COLOR: _neither, TERM: _term, ...rest } = process.env;
  const function_ = 'supplant() { exec "$NODE" "$MAIN" "$@"; }';
  const child = spawn('bash', ['-c', `${function_}\n${script}`], {
    env: { ...rest, NODE: process.execPath, MAIN, MANIFEST, SUPPLANT_SERVER: new URL(gateway.url).host, ...env },
  });
  child.stdin.end();
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const ended = Promise.all([text(child.stdout), text(child.stderr), exit]).then(([stdout, stderr, code]) => ({
    ...{ stdout, stderr, code },
  }));
  return { child, ended };
}

describe('the streams of a command', () => {
  let held: Held;
  let gateway: TestGateway;
  beforeEach(async () => {
    held = new Held();
    gateway = await TestGateway.start(held);
  });
  afterEach(() => gateway[Symbol.asyncDispose]());

  it('follows a rollout to its outcome though nobody reads any more', async () => {
    const piped = 'supplant apply -f "$MANIFEST" 2>&1 | head -1; echo "${PIPESTATUS[0]}"';
    const { ended } = shell(gateway, piped);
    await held.waited.promise;
    held.end.resolve(sample.ROLLED_BACK);
    const { stdout, stderr } = await ended;
    assert.equal(stderr, '');
    assert.match(stdout, /^.*begins.*\n4\n$/);
  });

  it('ends a watch that nobody reads, and says so by its code', async () => {
    const changing = [sample.BAKING_VIEW, sample.IDLE_VIEW].flatMap((view) => [view, sample.BAKING_VIEW]);
    await using busy = await TestGateway.start(
      new RecordingClient({ views: Array.from({ length: 400 }, () => changing).flat(), rollouts: [sample.BAKING] }),
    );
    const { ended } = shell(busy, 'supplant watch --follow web/production | head -1; echo "${PIPESTATUS[0]}"');
    const { stdout, stderr } = await ended;
    assert.deepEqual([stdout.split('\n').at(-2), stderr], ['141', '']);
  });

  it('takes no offence at a reader who has seen enough of a look', async () => {
    for (const look of ['list', 'history web/production', 'audit export', 'why web/production -o json']) {
      const { stdout, stderr } = await shell(gateway, `(sleep 0; supplant ${look}) | :; echo "\${PIPESTATUS[0]}"`)
        .ended;
      assert.deepEqual([stdout, stderr], ['0\n', ''], look);
    }
  });

  it('says that output is lost on a full disk, without a trace', async () => {
    for (const command of ['list', 'list -o json', 'pin web/production r3', '--help', 'completion bash']) {
      const { code, stderr } = await shell(gateway, `supplant ${command} > /dev/full`).ended;
      assert.equal(code, 1, command);
      assert.match(stderr, /could not be written: .*no space left on device/);
      assert.doesNotMatch(stderr, /^\s+at /m);
    }
  });

  it('ends with the outcome where progress cannot be written', async () => {
    held.end.resolve(sample.REFUSED);
    const { code, stdout } = await shell(gateway, 'supplant apply -f "$MANIFEST" 2> /dev/full').ended;
    assert.deepEqual([code, stdout.split('\n').length], [3, 3]);
  });

  it('works without any standard stream', async () => {
    held.end.resolve(sample.SUCCEEDED);
    assert.equal((await shell(gateway, 'supplant apply -f "$MANIFEST" <&- >&- 2>&-').ended).code, 0);
    const none = await shell(gateway, 'supplant apply -f - <&-').ended;
    assert.deepEqual([none.code, none.stderr.includes('found an empty file')], [2, true]);
  });

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`ends with ${code} at ${signal}, and says that the rollout goes on`, async () => {
      const { child, ended } = shell(gateway, 'supplant apply -f "$MANIFEST"');
      await held.waited.promise;
      child.kill(signal);
      const ran = await ended;
      assert.equal(ran.code, code);
      assert.match(ran.stderr, /Interrupted; rollout #12 of .* goes on/);
    });
  }

  const escape = '\u001b[';
  const colours: [string, Record<string, string>, boolean][] = [
    ['of a pipe', {}, false],
    ['FORCE_COLOR=1', { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ['NO_COLOR before FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['an empty NO_COLOR', { NO_COLOR: '', FORCE_COLOR: '1' }, true],
  ];
  for (const [what, env, coloured] of colours) {
    it(`heeds ${what}`, async () => {
      const { stdout } = await shell(gateway, 'supplant status web/production', env).ended;
      assert.equal(stdout.includes(escape), coloured);
    });
  }
});
