import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import {
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ROUTE } from '../../src/domain/evidence/bake-counts.ts';
import { explainWhy } from '../../src/cli/views/why.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { load } from '../contract/http.ts';
import { type Aws, startAws } from '../doubles/aws/aws.ts';
import { TestLoadBalancer, type TestListener } from '../doubles/aws/test-load-balancer.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { Platform, change, command, spec } from './platform.ts';

const BLUEPRINT = fileURLToPath(new URL('../doubles/aws-blueprint/index.ts', import.meta.url));

describeWithAws(
  'services behind a load balancer on AWS',
  (emulators) => {
    let aws: Aws;
    let balancer: TestLoadBalancer;
    let platform: Platform;

    before(async () => {
      aws = await startAws(emulators());
      balancer = await TestLoadBalancer.create(aws);
      const env = { ...aws.env, TEST_VPC: await balancer.readVpc() };
      platform = await Platform.start({ anyPorts: true, env, args: ['--blueprint', BLUEPRINT] });
    });
    after(async () => {
      await platform.dispose();
      balancer.close();
      await aws[Symbol.asyncDispose]();
    });

    function described(name: string, listener: TestListener, version: string, bakeMs = 300): ServiceSpec {
      const { config } = command(version);
      return spec(
        name,
        { name: 'local-behind-alb', config },
        {
          router: {
            kind: 'aws-alb',
            rule: listener.arn,
            settleMs: 100,
            lastSettleMs: 200,
            healthyLooks: 1,
            drainMs: 100,
          },
          strategy: { kind: 'blue-green', bakeMs },
          retention: { warm: 0, warmForMs: 0 },
        },
      );
    }

    const roll = async (wanted: ServiceSpec) => {
      const { service, rollout } = await platform.client.apply(wanted, change());
      return platform.client.waitForRollout(service, rollout);
    };

    async function weights(listener: TestListener): Promise<Record<string, number>> {
      const { client } = balancer;
      const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [listener.arn] }));
      const tuples = Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? [];
      return Object.fromEntries(
        tuples.map(({ TargetGroupArn = '', Weight = 0 }) => [TargetGroupArn.split('/')[1] ?? '', Weight] as const),
      );
    }

    async function groupOf(name: string): Promise<string> {
      const { TargetGroups } = await balancer.client.send(new DescribeTargetGroupsCommand({ Names: [name] }));
      return TargetGroups?.[0]?.TargetGroupArn ?? '';
    }

    async function writeByHand(listener: TestListener, given: Record<string, number>): Promise<void> {
      const TargetGroups = await Promise.all(
        Object.entries(given).map(async ([name, Weight]) => ({ TargetGroupArn: await groupOf(name), Weight })),
      );
      const action = { Type: 'forward' as const, ForwardConfig: { TargetGroups } };
      await balancer.client.send(new ModifyListenerCommand({ ListenerArn: listener.arn, DefaultActions: [action] }));
    }

    it('are replaced under load without a failed request, and leave nothing behind', async () => {
      const listener = await balancer.addListener();
      const first = await roll(described('web', listener, 'one'));
      assert.equal(first.outcome, 'succeeded', first.because);
      const clients = load(listener.address, 4);
      const second = await roll(described('web', listener, 'two'));
      const { total, failures } = await clients.stop();
      assert.equal(second.outcome, 'succeeded', second.because);
      assert.deepEqual(failures, []);
      assert.ok(total > 0);
      assert.deepEqual(await weights(listener), { 'web-test-r2': 100 });
      // The load balancer counts nothing: that must not look like nothing cut off.
      const uncounted = /r1 drained for [\d.]+ s; nobody counted what was cut off then/;
      assert.match(second.phases.at(-1)?.note ?? '', uncounted);
      assert.match(explainWhy(second, new Date()).join('\n'), uncounted);
      const events = await platform.client.auditEvents({ rollout: `web/test#${second.number}` });
      const drained = events.filter(({ type }) => type === 'revision.drained');
      assert.deepEqual(
        drained.map(({ data }) => [data.revision, data.isUncounted, data.cut]),
        [['r1', true, undefined]],
      );
      const broken = described('web', listener, 'broken');
      const refused = await roll({
        ...broken,
        blueprint: { ...broken.blueprint, config: command('b', { status: 500 }).config },
      });
      assert.equal(refused.outcome, 'failed');
      const { service, rollout } = await platform.client.remove(broken.service, change());
      assert.equal((await platform.client.waitForRollout(service, rollout)).outcome, 'succeeded');
      const { TargetGroups = [] } = await balancer.client.send(new DescribeTargetGroupsCommand({}));
      assert.deepEqual(TargetGroups, []);
    });

    it('go back when somebody changes the weights during a bake, and say so', async () => {
      const listener = await balancer.addListener();
      assert.equal((await roll(described('api', listener, 'one'))).outcome, 'succeeded');
      const { service, rollout } = await platform.client.apply(described('api', listener, 'two', 60_000), change());
      await platform.until('it bakes', async () => (await platform.client.rollout(service, rollout)).phase === 'bake');
      await writeByHand(listener, { 'api-test-r1': 50, 'api-test-r2': 50 });
      const status = await platform.client.waitForRollout(service, rollout);
      assert.equal(status.outcome, 'rolled-back', status.because);
      assert.match(status.because ?? '', /somebody else changed the weights, from r1=0 r2=100 to r1=50 r2=50/);
      assert.equal(status.verdicts.find(({ check }) => check === ROUTE)?.verdict, 'fail');
      assert.deepEqual(await weights(listener), { 'api-test-r1': 100 });
    });

    it('are told of weights that somebody changed between rollouts, and set them right in the next one', async () => {
      const listener = await balancer.addListener();
      const wanted = described('shop', listener, 'one');
      assert.equal((await roll({ ...wanted, retention: { warm: 1, warmForMs: 3_600_000 } })).outcome, 'succeeded');
      const next = described('shop', listener, 'two');
      assert.equal((await roll({ ...next, retention: { warm: 1, warmForMs: 3_600_000 } })).outcome, 'succeeded');
      await writeByHand(listener, { 'shop-test-r1': 70, 'shop-test-r2': 30 });
      const { warnings = [] } = await platform.client.view(wanted.service);
      assert.match(warnings.map(({ text }) => text).join(), /from r1=0 r2=100 to r1=70 r2=30/);
      const status = await roll(described('shop', listener, 'three'));
      assert.equal(status.outcome, 'succeeded', status.because);
      assert.deepEqual(await weights(listener), { 'shop-test-r3': 100 });
    });

    it('do not take away what somebody put in the place of the weights', async () => {
      const listener = await balancer.addListener();
      assert.equal((await roll(described('blog', listener, 'one'))).outcome, 'succeeded');
      const maintenance = {
        Type: 'fixed-response' as const,
        FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: 'back at noon' },
      };
      const { client } = balancer;
      await client.send(new ModifyListenerCommand({ ListenerArn: listener.arn, DefaultActions: [maintenance] }));
      const status = await roll(described('blog', listener, 'two'));
      assert.equal(status.outcome, 'failed');
      assert.match(status.because ?? '', /somebody else changed what .* does, from r1=100 to fixed-response/);
      await writeByHand(listener, { 'blog-test-r1': 100 });
      assert.equal((await roll(described('blog', listener, 'three'))).outcome, 'succeeded');
    });
  },
  { ministack: false },
);
