import assert from 'node:assert/strict';
import {
  type Action,
  CreateLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeRulesCommand,
  ModifyListenerCommand,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Upstream, startUpstream } from '../../contract/upstream.ts';
import { type Aws, startAws } from './aws.ts';
import { listOf, textOf } from './query-protocol.ts';
import { TestLoadBalancer, type TestListener } from './test-load-balancer.ts';
import { describeWithAws } from './with-aws.ts';

const forward = (...weights: [string, number][]): Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) },
});

describeWithAws(
  'the front before moto',
  (emulators) => {
    let aws: Aws;
    let alb: TestLoadBalancer;
    let listener: TestListener;

    beforeEach(async () => {
      aws = await startAws(emulators());
      alb = await TestLoadBalancer.create(aws);
      listener = await alb.addListener();
    });
    afterEach(async () => {
      alb.close();
      await aws[Symbol.asyncDispose]();
    });

    const write = (...actions: Action[]) =>
      alb.client.send(new ModifyListenerCommand({ ListenerArn: listener.arn, DefaultActions: actions }));

    describe('rules', () => {
      let groups: string[];
      beforeEach(async () => {
        groups = await Promise.all(Array.from({ length: 6 }, (_, index) => alb.addGroup(`group-${index}`)));
      });

      it('take weights from 0 to 999 and read them back', async () => {
        await write(forward([groups[0]!, 999], [groups[1]!, 0]));
        const { Rules } = await alb.client.send(new DescribeRulesCommand({ ListenerArn: listener.arn }));
        const tuples = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
        assert.deepEqual(
          tuples.map(({ Weight }) => Weight),
          [999, 0],
        );
      });

      for (const [title, weights, fault] of [
        ['above 999', [1000, 1], 'ValidationError'],
        ['below 0', [-1, 1], 'ValidationError'],
        ['that are all 0', [0, 0], 'ValidationError'],
      ] as const) {
        it(`refuse weights ${title}`, async () => {
          const tuples = weights.map((weight, index): [string, number] => [groups[index]!, weight]);
          await assert.rejects(write(forward(...tuples)), { name: new RegExp(fault) });
        });
      }

      it('refuse six groups, and one twice', async () => {
        await assert.rejects(write(forward(...groups.map((group): [string, number] => [group, 1]))), /at most 5/);
        await assert.rejects(write(forward([groups[0]!, 1], [groups[0]!, 2])), /more than once/);
      });

      it('refuse a sticky group among several, unless the action is sticky', async () => {
        const sticky = await alb.addGroup('sticky', { attributes: { 'stickiness.enabled': 'true' } });
        const action = forward([groups[0]!, 1], [sticky, 1]);
        await assert.rejects(write(action), { name: /InvalidConfigurationRequest/ });
        const kept = { Enabled: true, DurationSeconds: 60 };
        await write({ ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroupStickinessConfig: kept } });
      });

      it('refuse the 101st group of a load balancer, and let go of those that left', async () => {
        const many: string[] = [];
        // One after the other: moto fails now and then when it makes many at once.
        for (let index = 0; index < 101; index += 1) many.push(await alb.addGroup(`many-${index}`));
        const five = (from: number) => forward(...many.slice(from, from + 5).map((arn): [string, number] => [arn, 1]));
        const rules: string[] = [];
        for (let from = 0; from < 100; from += 5) {
          rules.push(await alb.addRule(listener, from + 1, `s${from}.example`, five(from)));
        }
        await assert.rejects(write(forward([many[100]!, 1])), { name: /TooManyUniqueTargetGroupsPerLoadBalancer/ });
        await alb.client.send(new ModifyRuleCommand({ RuleArn: rules[0]!, Actions: [forward([many[1]!, 1])] }));
        await write(forward([many[100]!, 1]));
      });
    });

    describe('targets', () => {
      let upstream: Upstream;
      beforeEach(async () => {
        upstream = await startUpstream('one');
      });
      afterEach(() => upstream.stop());

      it('are unused, initial, healthy, unhealthy, and draining for the whole delay', async () => {
        const attributes = { 'deregistration_delay.timeout_seconds': '100' };
        const group = await alb.addGroup('group', { targets: [upstream.endpoint], attributes });
        assert.deepEqual(await alb.states(group), ['unused']);
        await write(forward([group, 1]));
        assert.match((await alb.states(group)).join(), /initial|healthy/);
        await alb.untilStates(group, 'healthy');
        await upstream.stop();
        await alb.untilStates(group, 'unhealthy');
        const { host, port } = upstream.endpoint;
        const began = performance.now();
        await alb.client.send(
          new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: host, Port: port }] }),
        );
        assert.deepEqual(await alb.states(group), ['draining']);
        await alb.untilStates(group);
        assert.ok(performance.now() - began >= 1_000);
      });

      it('of one address differ by their port', async () => {
        const group = await alb.addGroup('group', { targets: [upstream.endpoint, { host: '127.0.0.1', port: 1 }] });
        await write(forward([group, 1]));
        await alb.untilStates(group, 'healthy', 'unhealthy');
      });

      it('may be deregistered where they never were', async () => {
        const group = await alb.addGroup('group');
        await alb.client.send(
          new DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: '10.0.0.1', Port: 80 }] }),
        );
        assert.deepEqual(await alb.states(group), []);
      });

      it('of an Auto Scaling group follow its instances', async () => {
        const attributes = { 'deregistration_delay.timeout_seconds': '0' };
        const group = await alb.addGroup('group', { more: { TargetType: 'instance' }, attributes });
        const { moto } = aws.front;
        const { imagesSet } = await moto.ask('ec2', 'DescribeImages', { 'Owner.1': 'amazon' });
        await moto.ask('autoscaling', 'CreateLaunchConfiguration', {
          LaunchConfigurationName: 'launch',
          ImageId: textOf(listOf(imagesSet)[0]?.imageId),
          InstanceType: 't3.micro',
        });
        await moto.ask('autoscaling', 'CreateAutoScalingGroup', {
          AutoScalingGroupName: 'web-r1',
          LaunchConfigurationName: 'launch',
          MinSize: '2',
          MaxSize: '2',
          'AvailabilityZones.member.1': 'us-east-1a',
          'TargetGroupARNs.member.1': group,
        });
        assert.deepEqual(await alb.states(group), ['unused', 'unused']);
        await moto.ask('autoscaling', 'DeleteAutoScalingGroup', {
          AutoScalingGroupName: 'web-r1',
          ForceDelete: 'true',
        });
        assert.deepEqual(await alb.states(group), []);
      });
    });

    it('refuses a load balancer in one subnet, and another one of the same name', async () => {
      const create = (Name: string, Subnets: string[]) =>
        alb.client.send(new CreateLoadBalancerCommand({ Name, Subnets }));
      const { subnetSet } = await aws.front.moto.ask('ec2', 'DescribeSubnets');
      const subnets = listOf(subnetSet).map(({ subnetId }) => textOf(subnetId));
      await assert.rejects(create('other', subnets.slice(0, 1)), /two subnets/);
      const again = await create('shared', subnets);
      assert.equal(again.LoadBalancers?.[0]?.LoadBalancerArn, alb.arn);
      await assert.rejects(create('shared', subnets.slice(0, 2)), { name: /DuplicateLoadBalancerName/ });
    });

    it('shows rules as they were for a while, to those who read late', async () => {
      const [one, two] = await Promise.all([alb.addGroup('one'), alb.addGroup('two')]);
      await write(forward([one, 1]));
      aws.front.loadBalancing.late.lateMs = 600_000;
      await write(forward([two, 1]));
      const read = async () => {
        const { Rules } = await alb.client.send(new DescribeRulesCommand({ ListenerArn: listener.arn }));
        return Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups?.[0]?.TargetGroupArn;
      };
      assert.equal(await read(), one);
      aws.front.loadBalancing.late.forget();
      assert.equal(await read(), two);
    });

    it('throttles, fails, and loses answers on demand', async () => {
      const { faults } = aws.front;
      const group = await alb.addGroup('group');
      faults.order('ModifyListener', 'throttle');
      await assert.rejects(write(forward([group, 1])), { name: /Throttling/ });
      faults.order('ModifyListener', 'fail');
      await assert.rejects(write(forward([group, 1])), { $fault: 'server' });
      faults.order('ModifyListener', 'lose-answer');
      await assert.rejects(write(forward([group, 1])));
      const { Rules } = await alb.client.send(new DescribeRulesCommand({ ListenerArn: listener.arn }));
      assert.equal(Rules?.[0]?.Actions?.[0]?.Type, 'forward');
    });

    it('keeps accounts apart', async () => {
      await using other = await startAws(emulators());
      const elsewhere = await TestLoadBalancer.create(other);
      assert.notEqual(elsewhere.arn, alb.arn);
      elsewhere.close();
    });
  },
  { ministack: false },
);
