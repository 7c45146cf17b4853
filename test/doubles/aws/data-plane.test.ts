import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type Action,
  DeregisterTargetsCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import WebSocket from 'ws';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import { ask } from '../../contract/http.ts';
import { type Seen, type Upstream, startUpstream } from '../../contract/upstream.ts';
import { type Aws, startAws } from './aws.ts';
import { TestLoadBalancer, type TestListener } from './test-load-balancer.ts';
import { describeWithAws } from './with-aws.ts';

describeWithAws(
  'the data plane behind the front',
  (emulators) => {
    let aws: Aws;
    let alb: TestLoadBalancer;
    let listener: TestListener;
    let one: Upstream;
    let two: Upstream;

    beforeEach(async () => {
      aws = await startAws(emulators());
      alb = await TestLoadBalancer.create(aws);
      [listener, one, two] = await Promise.all([alb.addListener(), startUpstream('one'), startUpstream('two')]);
    });
    afterEach(async () => {
      await Promise.all([one.stop(), two.stop()]);
      alb.close();
      await aws[Symbol.asyncDispose]();
    });

    async function write(action: Action): Promise<void> {
      await alb.client.send(new ModifyListenerCommand({ ListenerArn: listener.arn, DefaultActions: [action] }));
      await aws.plane.followed();
    }

    const forward = (weights: readonly [string, number][], stickySeconds?: number): Action => ({
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
        ...(stickySeconds === undefined
          ? {}
          : { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: stickySeconds } }),
      },
    });

    const upstreamOf = ({ body }: { body: string }): string => (JSON.parse(body) as Seen).upstream;

    async function count(address: Endpoint, requests: number): Promise<Record<string, number>> {
      const counts: Record<string, number> = {};
      for (let index = 0; index < requests; index += 1) {
        const answer = await ask(address);
        const who = answer.status === 200 ? upstreamOf(answer) : String(answer.status);
        counts[who] = (counts[who] ?? 0) + 1;
      }
      return counts;
    }

    it('serves by weight', async () => {
      const [first, second] = await Promise.all([
        alb.addGroup('first', { targets: [one.endpoint] }),
        alb.addGroup('second', { targets: [two.endpoint] }),
      ]);
      await write(
        forward([
          [first, 100],
          [second, 0],
        ]),
      );
      await alb.untilStates(first, 'healthy');
      assert.deepEqual(await count(listener.address, 50), { one: 50 });
      await write(
        forward([
          [first, 1],
          [second, 1],
        ]),
      );
      const { one: ofOne = 0, two: ofTwo = 0 } = await count(listener.address, 200);
      // Five standard deviations from the middle.
      assert.ok(Math.abs(ofOne - 100) < 36, `${ofOne} and ${ofTwo}`);
    });

    it('lets a group without healthy targets keep its share: 503 without any, all of them where all are sick', async () => {
      const [first, empty] = await Promise.all([
        alb.addGroup('first', { targets: [one.endpoint] }),
        alb.addGroup('empty'),
      ]);
      await write(
        forward([
          [first, 1],
          [empty, 1],
        ]),
      );
      await alb.untilStates(first, 'healthy');
      const counts = await count(listener.address, 100);
      assert.ok((counts['503'] ?? 0) > 10 && (counts.one ?? 0) > 10, JSON.stringify(counts));
      const sick = { host: '127.0.0.1', port: 1 };
      await alb.register(first, [sick]);
      await alb.untilStates(first, 'healthy', 'unhealthy');
      await write(forward([[first, 1]]));
      assert.deepEqual(await count(listener.address, 20), { one: 20 });
      await one.stop();
      await alb.untilStates(first, 'unhealthy', 'unhealthy');
      assert.deepEqual(await count(listener.address, 4), { '502': 4 });
    });

    it('keeps a client with its group, whatever the weights, until the cookie ends', async () => {
      const [first, second] = await Promise.all([
        alb.addGroup('first', { targets: [one.endpoint] }),
        alb.addGroup('second', { targets: [two.endpoint] }),
      ]);
      await write(
        forward(
          [
            [first, 1],
            [second, 0],
          ],
          60,
        ),
      );
      await alb.untilStates(first, 'healthy');
      const before = await ask(listener.address);
      const cookie = before.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
      assert.match(cookie, /^AWSALBTG=/);
      await write(
        forward(
          [
            [first, 0],
            [second, 1],
          ],
          60,
        ),
      );
      await alb.untilStates(second, 'healthy');
      assert.equal(upstreamOf(await ask(listener.address, { headers: { cookie } })), 'one');
      assert.equal(upstreamOf(await ask(listener.address)), 'two');
      await write(forward([[second, 1]], 60));
      assert.equal(upstreamOf(await ask(listener.address, { headers: { cookie } })), 'two');
    });

    it('lets what is in flight finish while a target drains, and cuts the rest off', async () => {
      const attributes = { 'deregistration_delay.timeout_seconds': '100' };
      const group = await alb.addGroup('first', { targets: [one.endpoint], attributes });
      await write(forward([[group, 1]]));
      await alb.untilStates(group, 'healthy');
      const held = ask(listener.address, { path: '/hold' });
      await one.held(1);
      const socket = new WebSocket(`ws://${listener.address.host}:${listener.address.port}/`);
      await once(socket, 'open');
      const closed = once(socket, 'close');
      const target = { Id: one.endpoint.host, Port: one.endpoint.port };
      await alb.client.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [target] }));
      assert.equal((await ask(listener.address)).status, 503);
      one.release();
      assert.equal((await held).body, 'one begins, one ends');
      await closed;
      assert.deepEqual(await alb.states(group), []);
    });

    it('goes by the hosts and paths of rules, and answers fixed responses', async () => {
      const group = await alb.addGroup('first', { targets: [one.endpoint] });
      await alb.addRule(listener, 5, 'shop.example', forward([[group, 1]]));
      await aws.plane.followed();
      await alb.untilStates(group, 'healthy');
      assert.equal(upstreamOf(await ask(listener.address, { headers: { host: 'shop.example' } })), 'one');
      const other = await ask(listener.address, { headers: { host: 'other.example' } });
      assert.equal(other.status, 503);
      assert.match(other.body, /no revision/);
    });
  },
  { ministack: false },
);
