import assert from 'node:assert/strict';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateSubnetCommand, CreateVpcCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { createBlueprint } from '../../blueprints/aws-asg/index.ts';
import type { InterruptSignal } from '../../src/cli/context.ts';
import { listFromTheEnd } from '../../src/doctor/live/aws/account.ts';
import { LIVE_CHECKS } from '../../src/doctor/live/aws/checks.ts';
import { heldBack } from '../../src/doctor/live/aws/checks/held-back.ts';
import { takenNames } from '../../src/doctor/live/aws/checks/taken-names.ts';
import { weightLimits } from '../../src/doctor/live/aws/checks/weight-limits.ts';
import { examineLive, type LiveReport } from '../../src/doctor/live/aws/examine.ts';
import type { LiveCheck } from '../../src/doctor/live/aws/live-check.ts';
import type { LiveFinding } from '../../src/doctor/live/finding.ts';
import { type Aws, startAws } from '../doubles/aws/aws.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { runCommand, type Surroundings } from '../doubles/recording-context.ts';
import { listAccount } from '../stacks/aws-account.ts';
import { assertAllowed } from '../stacks/aws-policy.ts';

const WRITES = /^(?:Create|Put|Register|Modify)/;
const EVERYTHING = ['a load balancer', ...LIVE_CHECKS.map(({ name }) => name)];

describeWithAws('supplant doctor --live', (emulators) => {
  let aws: Aws;
  let before: NodeJS.ProcessEnv;

  beforeEach(async () => {
    aws = await startAws(emulators());
    before = { ...process.env };
    Object.assign(process.env, aws.env);
    // Where nobody is: on this machine, rather than at an address of somebody else's.
    const ec2 = new EC2Client(aws.client);
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    ec2.destroy();
    for (const { CidrBlock = '' } of Subnets)
      for (const id of listFromTheEnd(CidrBlock, 1)) aws.plane.place(id, { host: '127.0.0.77', port: 80 });
  });
  afterEach(async () => {
    for (const name of Object.keys(aws.env)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
    await aws[Symbol.asyncDispose]();
  });

  const writes = (): string[] =>
    aws.front.calls.map(({ action }) => action.split('/').at(-1) ?? '').filter((action) => WRITES.test(action));

  async function left(): Promise<string[]> {
    const client = new CloudWatchClient(aws.client);
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
    client.destroy();
    return [...(await listAccount(aws.client)), ...MetricAlarms.map(({ AlarmName = '' }) => `alarm ${AlarmName}`)];
  }

  async function look(given: Surroundings = {}) {
    const ran = await runCommand(['doctor', '--live', '--yes', '-o', 'json'], given);
    return { ...ran, report: JSON.parse(ran.stdout.text) as LiveReport };
  }

  async function lookAt(checks: readonly LiveCheck[]): Promise<LiveReport> {
    const blueprint = await createBlueprint();
    const { signal } = new AbortController();
    const report = await examineLive({
      blueprint,
      signal,
      checks,
      agree: async () => true,
      onProgress: () => undefined,
    });
    assert.ok(report);
    return report;
  }

  const findings = ({ examined }: LiveReport): LiveFinding[] => examined.flatMap((each) => each.findings);

  it('finds what Supplant relies on, with what its policy allows, and leaves nothing', async () => {
    const { code, report } = await look();
    assert.deepEqual(
      findings(report).filter(({ state }) => state !== 'good'),
      [],
    );
    assert.deepEqual(
      report.examined.map(({ name }) => name),
      EVERYTHING,
    );
    assert.equal(code, 0);
    assert.deepEqual([report.left, report.isCut], [[], false]);
    await assertAllowed('doctor-live', aws.front.calls);
    assert.deepEqual(await left(), []);
  });

  it('says what it will make and cost, and makes nothing unless somebody agrees', async () => {
    const asked: string[] = [];
    const confirm = async (question: string) => asked.push(question) > 1;
    for (const given of [{ confirm }, {}]) {
      const { code, stderr } = await runCommand(['doctor', '--live'], given);
      assert.equal(code, 2);
      assert.match(stderr.text, /an Application Load Balancer that only vpc-\w+ can reach .* some 0\.03 US dollars/s);
      assert.match(stderr.text, /nothing was made.*--yes/s);
    }
    assert.equal(asked.length, 1);
    // A program is not asked.
    assert.equal((await runCommand(['doctor', '--live', '-o', 'json'], { confirm })).code, 2);
    assert.equal(asked.length, 1);
    assert.deepEqual(writes(), []);
  });

  for (const moment of ['CreateLoadBalancer', 'ModifyRule']) {
    it(`is ended at ${moment}, and takes away what is there by then`, async () => {
      let interrupt: ((signal: InterruptSignal) => void) | undefined;
      aws.front.loadBalancing.onChange(() => {
        if (writes().includes(moment)) interrupt?.('SIGINT');
      });
      const { code, report } = await look({
        onInterrupt(listener) {
          interrupt = listener;
          return { [Symbol.dispose]: () => (interrupt = undefined) };
        },
      });
      assert.equal(code, 130);
      assert.ok(report.examined.length < EVERYTHING.length);
      assert.deepEqual([report.left, report.isCut], [[], true]);
      assert.deepEqual(await left(), []);
    });
  }

  it('takes away what was made by a call whose answer was lost', async () => {
    aws.front.faults.order('CreateTargetGroup', 'lose-answer');
    const report = await lookAt([takenNames]);
    assert.match(findings(report).find(({ state }) => state === 'bad')?.found ?? '', /already exists/);
    assert.deepEqual(report.left, []);
    assert.deepEqual(await left(), []);
  });

  it('says where AWS is not as expected, and leaves nothing', async () => {
    // Without what stands before it here, moto takes any weights, and any number of groups.
    process.env.AWS_ENDPOINT_URL = emulators().moto.url;
    const report = await lookAt([takenNames, weightLimits, heldBack]);
    const deviating = findings(report).filter(({ state }) => state !== 'good');
    assert.deepEqual(
      deviating.map(({ found, follows }) => `${found}; ${follows}`),
      Array.from({ length: 3 }, () => 'it was accepted; nothing: Supplant writes no such route'),
    );
    assert.deepEqual(report.left, []);
    const elb = new ElasticLoadBalancingV2Client({ ...aws.client, endpoint: emulators().moto.url });
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({}));
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({}));
    elb.destroy();
    assert.deepEqual([LoadBalancers, TargetGroups], [[], []]);
  });

  it('needs a network with subnets in two zones', async () => {
    const ec2 = new EC2Client(aws.client);
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
    const vpc = Vpc?.VpcId ?? '';
    await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock: '10.9.0.0/24' }));
    ec2.destroy();
    for (const [given, fault] of [
      [vpc, /subnets in two zones/],
      ['vpc-0a1b2c3d', /there is no vpc-0a1b2c3d in this region/],
    ] as const) {
      const { code, stderr } = await runCommand(['doctor', '--live', '--yes', '--vpc', given]);
      assert.equal(code, 2);
      assert.match(stderr.text, fault);
      assert.match(stderr.text, /--vpc/);
    }
    assert.deepEqual(
      writes().filter((action) => !/Vpc|Subnet/.test(action)),
      [],
    );
  });
});
