import assert from 'node:assert/strict';
import { Webhook } from 'standardwebhooks';
import type { WebhookMessage } from '../../../src/domain/hooks/demand.ts';
import { Requests } from '../../../src/gateway/backend/requests.ts';
import { Rollouts } from '../../../src/gateway/backend/rollouts.ts';
import { ServedPools } from '../../../src/gateway/backend/served-pools.ts';
import { Services } from '../../../src/gateway/backend/services.ts';
import { Webhooks } from '../../../src/gateway/backend/webhooks.ts';
import { act } from '../../workflow/act.ts';
import { ServiceBench } from '../../workflow/service-bench.ts';
import { benchForEach } from '../../workflow/suite.ts';

const VARIABLE = 'TEST_ALERTS_SECRET';
const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const BAKING = { bakeMs: 3_600_000, rollbackOn: { webhooks: [{ name: 'alerts', secret: `env:${VARIABLE}` }] } };

describe('messages of monitoring systems', () => {
  const bench = benchForEach();

  before(() => {
    process.env[VARIABLE] = SECRET;
  });
  after(() => {
    delete process.env.TEST_ALERTS_SECRET;
  });

  function open(more: { now?: () => number; warn?: (message: string) => void } = {}): Webhooks {
    const { env, taskQueue, activities } = bench();
    const store = async () => Promise.resolve(activities.store);
    const commands = async () => Promise.resolve(activities.store.catalogue.commands);
    const requests = new Requests(env.client, { commands, taskQueue });
    const parts = { services: new Services(store), requests, pools: new ServedPools(store) };
    const rollouts = new Rollouts(env.client, store, parts);
    return new Webhooks({ catalogue: async () => Promise.resolve(activities.store.catalogue), rollouts, ...more });
  }

  function message(body: object, { id = 'msg_1', at = new Date(), secret = SECRET, ...more } = {}): WebhookMessage {
    const text = JSON.stringify(body);
    return {
      ...{ service: bench().service, sender: 'alerts', body: Buffer.from(text) },
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign(id, at, text),
      },
      ...more,
    };
  }

  const baking = async () => {
    const desk = await ServiceBench.live(bench(), 1, { ...BAKING, bakeMs: 0 });
    const hold = bench().activities.hold('bake');
    const receipt = await desk.apply('v2', BAKING);
    await hold.reached;
    return { desk, receipt };
  };

  it('end the deployment that runs, in their words, and once', async () => {
    const { desk, receipt } = await baking();
    const webhooks = open();
    const answer = await webhooks.receive(message({ reason: '7 % of checkouts fail' }));
    assert.ok(answer.code === 200 && answer.status === 'aborted', JSON.stringify(answer));
    assert.equal(answer.rollout, `web/${bench().service.environment}#2`);
    const { outcome, because } = await desk.over(receipt);
    assert.deepEqual([outcome, because], ['aborted', 'aborted by webhook:alerts: 7 % of checkouts fail']);
    assert.equal(bench().activities.router.weights.r1, 100);
    const asked = (await bench().activities.store.audit.list({})).find(({ type }) => type === 'rollout.asked');
    assert.deepEqual([asked?.actor, asked?.reason], ['webhook:alerts', '7 % of checkouts fail']);

    // What was sent once ends the rollout that ran then, and no other.
    const hold = bench().activities.hold('bake');
    const next = await desk.apply('v3', BAKING);
    await hold.reached;
    const again = await webhooks.receive(message({ reason: '7 % of checkouts fail' }));
    assert.equal(again.code, 200);
    assert.ok('rollout' in again && again.rollout.endsWith('#2'));
    assert.equal((await desk.rollout(next.rollout).query<{ outcome?: string }>('status')).outcome, undefined);
    const other = await webhooks.receive(message({}, { id: 'msg_2' }));
    assert.ok('status' in other && other.status === 'aborted');
    assert.equal((await desk.over(next)).because, 'aborted by webhook:alerts');
  });

  it('freeze a deployment that may not go back, and say so', async () => {
    const freezing = { ...BAKING, freezeOnFail: { forMs: 3_600_000, then: 'abort' as const } };
    const desk = await ServiceBench.live(bench(), 1, { ...freezing, bakeMs: 0 });
    const hold = bench().activities.hold('bake');
    const receipt = await desk.apply('v2', freezing);
    await hold.reached;
    const webhooks = open();
    for (const _sentAgain of [1, 2]) {
      const answer = await webhooks.receive(message({ reason: 'carts are empty' }));
      assert.ok('status' in answer && answer.status === 'frozen', JSON.stringify(answer));
    }
    const handle = desk.rollout(receipt.rollout);
    const { frozen } = await bench().until(handle, (status) => status.frozen !== undefined);
    assert.equal(frozen?.because, 'webhook:alerts demands its end: carts are empty');
    const more = await webhooks.receive(message({}, { id: 'msg_2' }));
    assert.ok('status' in more && more.status === 'ignored');
    assert.match(more.message, /the rollout is frozen already/);
    await act(bench(), handle, 'abort');
    assert.equal((await desk.over(receipt)).because, 'aborted by bob');
  });

  it('do nothing where no deployment runs, and say so; sent again, they still do nothing', async () => {
    const desk = await ServiceBench.live(bench(), 1, { ...BAKING, bakeMs: 0 });
    const webhooks = open();
    const idle = await webhooks.receive(message({}));
    assert.deepEqual({ ...idle, message: '' }, { code: 200, status: 'ignored', message: '' });
    assert.match(idle.message, /^no rollout of web\/.* is running; supplant rollback goes back from what is live$/);
    const hold = bench().activities.hold('bake');
    await desk.apply('v2', BAKING);
    await hold.reached;
    const again = await webhooks.receive(message({}));
    assert.deepEqual([again.code, again.message], [200, 'this message was heard before, when nothing was to be ended']);
    const elsewhere = await webhooks.receive(message({ rollout: 1 }, { id: 'msg_3' }));
    assert.match(elsewhere.message, /^rollout 1 of .* is not running, rollout 2 is$/);
  });

  it('are not believed without their secret, nor when they are old', async () => {
    await baking();
    const webhooks = open();
    const forged = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    const at = new Date(Date.now() - 6 * 60_000);
    for (const [sent, says] of [
      [message({}, { secret: forged }), /^not believed: its signature/],
      [message({}, { at }), /^not believed: it was signed 3\d\d s behind/],
      [{ ...message({}), body: Buffer.from('{"reason":"other"}') }, /^not believed: its signature/],
      [
        { ...message({}), headers: { ...message({}).headers, 'webhook-id': undefined } },
        /has to come with the headers/,
      ],
    ] as const) {
      const answer = await webhooks.receive(sent);
      assert.equal(answer.code, 401);
      assert.match(answer.message, says);
    }
    const events = await bench().activities.store.audit.list({});
    assert.ok(!events.some(({ type }) => type === 'rollout.asked'));
  });

  it('are answered as what they are where they are nobody’s, or say nothing', async () => {
    await ServiceBench.live(bench(), 1, { ...BAKING, bakeMs: 0 });
    const webhooks = open();
    const { environment } = bench().service;
    assert.deepEqual(await webhooks.receive({ ...message({}), service: { name: 'nobody', environment } }), {
      ...{ code: 404, message: `there is no service nobody/${environment}` },
    });
    assert.deepEqual(await webhooks.receive({ ...message({}), sender: 'other' }), {
      ...{ code: 404, message: `web/${environment} has no webhook other; rollbackOn of its manifest names them` },
    });
    assert.equal((await webhooks.receive(message({ reason: 7 }))).code, 400);
    assert.equal((await webhooks.receive(message({}, { id: 'x'.repeat(129) }))).code, 400);
  });

  it('may be sent again where a secret cannot be had, which the gateway’s log says', async () => {
    await ServiceBench.live(bench(), 1, { ...BAKING, bakeMs: 0 });
    const said: string[] = [];
    delete process.env.TEST_ALERTS_SECRET;
    try {
      const answer = await open({ warn: (text) => said.push(text) }).receive(message({}));
      assert.deepEqual(answer, { code: 503, message: "its secret cannot be had; the gateway's log says why" });
      assert.match(said.join(), /^webhook alerts of web\/.* cannot be verified: the secret env:TEST_ALERTS_SECRET/);
    } finally {
      process.env[VARIABLE] = SECRET;
    }
  });
});
