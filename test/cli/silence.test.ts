import assert from 'node:assert/strict';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { RolloutStatus, ServiceView } from '../../src/domain/rollout/status.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { runCommand } from '../doubles/recording-context.ts';
import * as sample from '../doubles/sample-views.ts';

const AWAY = new ApiError('UNAVAILABLE', 'the gateway: connect ECONNREFUSED 127.0.0.1:7700');
const ANSWER = 'Waiting for an answer: the gateway: connect ECONNREFUSED 127.0.0.1:7700';

/** A double whose gateway answers once, then is away for as many looks, then answers to the end. */
class LeavingClient extends RecordingClient {
  #looks = 0;
  readonly #away: number;
  readonly #back = Promise.withResolvers<undefined>();

  constructor(away: number) {
    super({ views: [sample.BAKING_VIEW], rollouts: [sample.SUCCEEDED] });
    this.#away = away;
  }

  #look(): boolean {
    this.#looks += 1;
    if (this.#looks > 1 && this.#looks <= 1 + this.#away) throw AWAY;
    const isBack = this.#looks > 1 + this.#away;
    if (isBack) setImmediate(() => this.#back.resolve(undefined));
    return isBack;
  }

  override async rollout(): Promise<RolloutStatus> {
    this.#look();
    return sample.BAKING;
  }
  override async waitForRollout(): Promise<RolloutStatus> {
    await this.#back.promise;
    return sample.SUCCEEDED;
  }
  override async view(): Promise<ServiceView> {
    return this.#look() ? sample.IDLE_VIEW : sample.BAKING_VIEW;
  }
}

/** A second passes with each look at the clock. */
function passingTime(): () => Date {
  let now = sample.NOW.getTime();
  return () => new Date((now += 1000));
}

async function ran(args: string, away: number, tty: boolean) {
  return runCommand(args.split(' '), { client: new LeavingClient(away), now: passingTime(), tty });
}

describe('a gateway that does not answer', () => {
  it('is told by what follows a rollout, once, and that it is back', async () => {
    const { stderr, code } = await ran('rollback web', 20, false);
    assert.equal(code, 0);
    assert.equal(stderr.text.split(ANSWER).length - 1, 1, stderr.text);
    assert.match(stderr.text, /It is answered again\./);
  });

  it('is drawn beneath what was seen last', async () => {
    const { stderr } = await ran('rollback web', 20, true);
    const told = stderr.frames.findLast((frame) => frame.replaceAll(/\s+/g, ' ').includes(ANSWER)) ?? '';
    assert.match(told, /rollout #12/);
    assert.match(told, /Ctrl-C ends this command alone/);
  });

  it('is told by watch', async () => {
    const { stderr } = await ran('watch web', 20, false);
    assert.equal(stderr.text.split(ANSWER).length - 1, 1, stderr.text);
    const { stdout } = await ran('watch web', 20, true);
    assert.ok(stdout.frames.some((frame) => frame.replaceAll(/\s+/g, ' ').includes(ANSWER)));
  });

  it('is not worth a word for a moment, nor with --quiet or as JSON', async () => {
    for (const [args, away] of [
      ['rollback web', 2],
      ['watch web -q', 20],
      ['watch web -o json', 20],
    ] as const) {
      const { stdout, stderr } = await ran(args, away, false);
      assert.ok(!`${stdout.text}${stderr.text}`.includes(ANSWER), args);
    }
  });
});
