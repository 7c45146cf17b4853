import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatEndpointUrl } from '../../src/domain/service/revision.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { ServiceKey, ServiceSpec } from '../../src/domain/service/service.ts';
import { Platform, change, spec } from './platform.ts';

/** Says which release it is; `/lost` leaves a request without an answer where the release is a bad one. */
function release(name: string, isBad = false): ServiceSpec['blueprint'] {
  const source = [
    `const bad = ${isBad};`,
    `const server = require('http').createServer((q, s) => { if (bad && q.url === '/lost') q.socket.destroy(); else s.end('${name}'); });`,
    'server.listen(process.env.PORT, process.env.HOST);',
    "process.on('SIGTERM', () => process.exit(0));",
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], stopGrace: '2s' } };
}

const BAKE: Partial<ServiceSpec> = { strategy: { kind: 'blue-green', bakeMs: 20_000 } };
const CANARY: Partial<ServiceSpec> = {
  strategy: { kind: 'canary', steps: [{ weight: 50, bakeMs: 20_000 }], bakeMs: 1_000 },
};

describe('after something went wrong under traffic', function () {
  this.timeout(180_000);
  let platform: Platform;
  before(async () => (platform = await Platform.share()));
  after(async () => platform.dispose());

  const apply = (name: string, blueprint: ServiceSpec['blueprint'], more: Partial<ServiceSpec> = {}, again = false) =>
    platform.client.apply(spec(name, blueprint, more), { ...change(), ...(again ? { again } : {}) });
  const over = async (name: string, blueprint: ServiceSpec['blueprint'], more: Partial<ServiceSpec> = {}) => {
    const { service, rollout } = await apply(name, blueprint, more);
    return platform.client.waitForRollout(service, rollout);
  };
  const address = async (service: ServiceKey): Promise<string> => {
    const { route } = await platform.client.view(service);
    assert.ok(route);
    return formatEndpointUrl(route.address);
  };
  const weights = async (service: ServiceKey) =>
    Object.fromEntries(
      ((await platform.client.view(service)).route?.targets ?? []).map(({ revision, weight }) => [revision, weight]),
    );
  /** Until the bad release has had one. */
  const lose = async (service: ServiceKey): Promise<void> => {
    const url = `${await address(service)}/lost`;
    while ((await fetch(url)).status !== 502) await sleep(10);
  };
  const refusal = async (asked: Promise<unknown>): Promise<ApiError> => {
    const error = await asked.then(() => undefined).catch((reason: unknown) => reason);
    assert.ok(error instanceof ApiError);
    return error;
  };

  it('a release that was rolled back is held, however often it is applied, and a fix goes through', async () => {
    const name = 'held';
    assert.equal(
      (await over(name, release('one'), { ...BAKE, strategy: { kind: 'blue-green', bakeMs: 0 } })).outcome,
      'succeeded',
    );
    const bad = await apply(name, release('two', true), BAKE);
    const { service } = bad;
    await platform.until(
      'it bakes',
      async () => (await platform.client.rollout(service, bad.rollout)).phase === 'bake',
    );
    await lose(service);
    const status = await platform.client.waitForRollout(service, bad.rollout);
    assert.equal(status.outcome, 'rolled-back', status.because);
    assert.equal(await (await fetch(await address(service))).text(), 'one');

    for (let times = 0; times < 3; times += 1) {
      const { reason, message, suggestion } = await refusal(apply(name, release('two', true), BAKE));
      assert.equal(reason, 'REFUSED');
      assert.match(message, /on hold: r2 was rolled back by rollout 2: check .* failed/);
      assert.match(suggestion ?? '', /--again/);
    }
    const view = await platform.client.view(service);
    assert.ok(view.warnings?.some(({ kind, text }) => kind === 'hold' && text.includes('r2 was rolled back')));
    const { rollouts } = await platform.client.history(service);
    assert.ok((rollouts.find(({ number }) => number === bad.rollout)?.exposure?.totalMs ?? 0) > 0);
    const marked = await platform.client.auditEvents({ rollout: `${service.name}/${service.environment}#2` });
    const { actor, reason } = marked.find(({ type }) => type === 'revision.mark-bad') ?? {};
    assert.deepEqual([actor, reason], ['supplant', status.because]);

    const fix = await over(name, release('three'), { strategy: { kind: 'blue-green', bakeMs: 0 } });
    assert.equal(fix.outcome, 'succeeded', fix.because);
    assert.equal(await (await fetch(await address(service))).text(), 'three');
    const again = await apply(name, release('two', true), { strategy: { kind: 'blue-green', bakeMs: 0 } }, true);
    assert.equal((await platform.client.waitForRollout(service, again.rollout)).outcome, 'succeeded');
  });

  it('a rollout that may not go back is frozen as it stands, and answers to people', async () => {
    const name = 'frozen';
    const freezing: Partial<ServiceSpec> = { ...CANARY, freezeOnFail: { forMs: 600_000, then: 'abort' } };
    assert.equal((await over(name, release('one'), freezing)).outcome, 'succeeded');
    const { service, rollout } = await apply(name, release('two', true), freezing);
    const frozen = () =>
      platform.until(
        'it is frozen',
        async () => (await platform.client.rollout(service, rollout)).frozen !== undefined,
      );
    await platform.until('it bakes', async () => (await platform.client.rollout(service, rollout)).phase === 'bake');
    await lose(service);
    await frozen();
    assert.deepEqual(await weights(service), { 1: 50, 2: 50 });
    const by = { rollout, actor: 'tester', reason: 'a test' };
    assert.match(await platform.client.act(service, 'retry', by), /repeats the step/);
    await platform.until('its step is repeated', async () => {
      const { frozen: still, phase } = await platform.client.rollout(service, rollout);
      return still === undefined && phase === 'bake';
    });
    await lose(service);
    await frozen();
    const { message } = await refusal(platform.client.act(service, 'pause', by));
    assert.match(message, /cannot pause in phase frozen: the rollout is frozen/);
    await platform.client.act(service, 'abort', by);
    assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'aborted');
    assert.equal((await weights(service))[1], 100);
  });

  it('a service goes back at once within its window alone, and by an apply as well', async () => {
    const name = 'bounded';
    const more: Partial<ServiceSpec> = {
      strategy: { kind: 'blue-green', bakeMs: 1_000 },
      retention: { warm: 3, warmForMs: 600_000 },
      rollbackWindow: { revisions: 1 },
    };
    for (const each of ['one', 'two', 'three'])
      assert.equal((await over(name, release(each), more)).outcome, 'succeeded');
    const { service, way, rollout } = await apply(name, release('two'), more);
    assert.equal(way?.isAtOnce, true);
    const back = await platform.client.waitForRollout(service, rollout);
    assert.deepEqual([back.kind, back.revision, back.steps[0]?.bakeMs], ['rollback', 2, 0]);
    assert.equal(await (await fetch(await address(service))).text(), 'two');
    const far = await platform.client.rollback(service, 3, change());
    assert.equal(far.way?.isAtOnce, false);
    const forward = await platform.client.waitForRollout(service, far.rollout);
    assert.deepEqual([forward.outcome, forward.steps[0]?.bakeMs], ['succeeded', 1_000]);
  });
});
