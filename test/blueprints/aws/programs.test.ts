import assert from 'node:assert/strict';
import { configSchema as asgConfig } from '../../../blueprints/aws-asg/config.ts';
import { createStack as createAsg } from '../../../blueprints/aws-asg/program.ts';
import { createBlueprint as createAsgBlueprint } from '../../../blueprints/aws-asg/index.ts';
import { createBlueprint as createEcsBlueprint } from '../../../blueprints/aws-ecs/index.ts';
import { createBlueprint as createLambdaBlueprint } from '../../../blueprints/aws-lambda/index.ts';
import { configSchema as ecsConfig } from '../../../blueprints/aws-ecs/config.ts';
import { createStack as createEcs } from '../../../blueprints/aws-ecs/program.ts';
import { configSchema as environmentConfig } from '../../../blueprints/aws-environment/config.ts';
import { createStack as createEnvironment } from '../../../blueprints/aws-environment/program.ts';
import { configSchema as lambdaConfig } from '../../../blueprints/aws-lambda/config.ts';
import { createStack as createLambda } from '../../../blueprints/aws-lambda/program.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { RecordedResource } from '../../../src/stacks/blueprint.ts';
import { ENVIRONMENT, inputOf, lookupsOf, type MadeResource, runProgram } from './run-program.ts';

const IMAGE = `registry.example/web@sha256:${'a'.repeat(64)}`;
const PLACE = { region: 'eu-central-1' };
const LONG = { service: `a${'b'.repeat(39)}`, environment: `c${'d'.repeat(39)}`, revision: 123_456_789 };

interface Options {
  at?: Parameters<typeof inputOf>[1];
  found?: Parameters<typeof lookupsOf>[0];
  recorded?: RecordedResource[];
}

/** Each blueprint of revisions, with what its stacks are made of. */
const REVISIONS: { name: string; types: string[]; run: (options?: Options) => ReturnType<typeof runProgram> }[] = [
  {
    name: 'aws-asg',
    types: [
      'aws:autoscaling/group:Group',
      'aws:ec2/launchTemplate:LaunchTemplate',
      'aws:lb/listenerRule:ListenerRule',
      'aws:lb/targetGroup:TargetGroup',
    ],
    run: ({ at, found, recorded = [] } = {}) =>
      runProgram(() =>
        createAsg(inputOf('ami-0a1b2c3d', at), asgConfig.parse({ ...PLACE, instances: 3 }), recorded, lookupsOf(found)),
      ),
  },
  {
    name: 'aws-ecs',
    types: [
      'aws:ecs/service:Service',
      'aws:ecs/taskDefinition:TaskDefinition',
      'aws:lb/listenerRule:ListenerRule',
      'aws:lb/targetGroup:TargetGroup',
    ],
    run: ({ at, found, recorded = [] } = {}) =>
      runProgram(() =>
        createEcs(inputOf(IMAGE, at), ecsConfig.parse({ ...PLACE, env: { A: 'b' } }), recorded, lookupsOf(found)),
      ),
  },
  {
    name: 'aws-lambda',
    types: [
      ...['aws:lambda/function:Function', 'aws:lambda/permission:Permission', 'aws:lb/listenerRule:ListenerRule'],
      ...['aws:lb/targetGroup:TargetGroup', 'aws:lb/targetGroupAttachment:TargetGroupAttachment'],
    ],
    run: ({ at, found, recorded = [] } = {}) =>
      runProgram(() =>
        createLambda(inputOf('s3://code/web.zip#v1', at), lambdaConfig.parse(PLACE), recorded, lookupsOf(found)),
      ),
  },
];

const ofAws = (made: readonly MadeResource[]): MadeResource[] => made.filter(({ type }) => type.startsWith('aws:'));
const nameOf = ({ inputs }: MadeResource): unknown => inputs.name ?? inputs.family;

for (const { name, types, run } of REVISIONS) {
  describe(`the program of ${name}`, () => {
    it('makes these and nothing else, each with the one provider', async () => {
      const { made } = await run();
      assert.deepEqual(
        ofAws(made)
          .map(({ type }) => type)
          .sort(),
        types,
      );
      for (const each of ofAws(made)) assert.match(each.provider, /[:$]pulumi:providers:aws::aws::/, each.name);
    });

    it('tags all by the provider, which is told of no credentials', async () => {
      const { made } = await run();
      const provider = made.find(({ type }) => type === 'pulumi:providers:aws');
      assert.equal(provider?.inputs.region, 'eu-central-1');
      assert.deepEqual(
        Object.keys(provider.inputs).filter((key) => /key|token|profile/i.test(key)),
        [],
      );
      const tags = { 'supplant:environment': 'production', 'supplant:stack': 'web-production-r17' };
      assert.deepEqual(JSON.parse(JSON.stringify(provider.inputs.defaultTags)), JSON.stringify({ tags }));
    });

    it('names all alike, within what AWS allows, however long service and environment are called', async () => {
      const { made } = await run({ at: LONG });
      const names = ofAws(made)
        .map(nameOf)
        .filter((each) => each !== undefined);
      assert.equal(new Set(names).size, 1);
      assert.match(names[0] as string, /^a[b-]+[0-9a-f]{6}-r123456789$/);
      assert.ok((names[0] as string).length <= 32);
    });

    it('refers to its environment and changes nothing of it', async () => {
      const { made, outputs } = await run();
      assert.deepEqual(
        made.filter(({ type }) => type === 'pulumi:pulumi:StackReference').map((each) => each.name),
        ['organization/production/environment-production-r0'],
      );
      const [endpoint] = outputs.endpoints as unknown as [{ host: string; attributes: Record<string, string> }];
      assert.equal(endpoint.host, ENVIRONMENT.host);
      assert.equal(endpoint.attributes.targetGroupArn, 'arn:aws:test:::targets');
      assert.equal(endpoint.attributes.listenerArn, ENVIRONMENT.listener);
    });

    it('gives nobody a weight', async () => {
      const { made } = await run();
      assert.doesNotMatch(JSON.stringify(made), /weight/i);
    });

    it('has a rule of its own by which nothing but a request that names the revision is sent to it', async () => {
      const { made } = await run();
      const rule = made.find(({ type }) => type === 'aws:lb/listenerRule:ListenerRule');
      assert.equal(rule?.inputs.priority, 7);
      assert.deepEqual(rule.inputs.conditions, [
        {
          httpHeader: {
            httpHeaderName: 'x-supplant-revision',
            values: [nameOf(made.find(({ name: each }) => each === 'targets')!)],
          },
        },
      ]);
      assert.deepEqual(rule.inputs.actions, [{ type: 'forward', targetGroupArn: 'arn:aws:test:::targets' }]);
    });

    it('lets a target that leaves finish', async () => {
      const { made } = await run();
      // AWS refuses the attribute for functions.
      const wanted = name === 'aws-lambda' ? undefined : 30;
      assert.equal(made.find(({ name: each }) => each === 'targets')?.inputs.deregistrationDelay, wanted);
    });

    it('imports what an interrupted run has left, and nothing that the state has', async () => {
      const found = types.map((type) => ({ type, id: 'x', importId: `left-${type}`, label: 'left' }));
      const { made } = await run({ found });
      const known = found.filter(({ type }) => type !== 'aws:lb/targetGroupAttachment:TargetGroupAttachment');
      assert.deepEqual(
        ofAws(made)
          .map(({ importId }) => importId)
          .filter((id) => id !== '')
          .sort(),
        known.map(({ importId }) => importId).sort(),
      );
      const recorded = ofAws(made).map(({ type, name: each }) => ({ type, name: each }));
      const again = await run({ found, recorded });
      assert.deepEqual(
        ofAws(again.made)
          .map(({ importId }) => importId)
          .filter((id) => id !== ''),
        [],
      );
    });
  });
}

describe('the program of aws-asg', () => {
  it('asks for as many instances as configured, and does not wait for them itself', async () => {
    const { made } = await REVISIONS[0]!.run();
    const group = made.find(({ type }) => type === 'aws:autoscaling/group:Group');
    const { minSize, desiredCapacity, maxSize, waitForCapacityTimeout, forceDelete } = group?.inputs ?? {};
    assert.deepEqual([minSize, desiredCapacity, maxSize], [3, 3, 3]);
    assert.deepEqual([waitForCapacityTimeout, forceDelete], ['0', true]);
    const tags = group?.inputs.tags as unknown as { propagateAtLaunch: boolean }[];
    assert.ok(tags.length === 3 && tags.every(({ propagateAtLaunch }) => propagateAtLaunch));
  });

  it('lets nobody read an instance’s credentials with a plain GET', async () => {
    const { made } = await REVISIONS[0]!.run();
    const template = made.find(({ type }) => type === 'aws:ec2/launchTemplate:LaunchTemplate');
    assert.deepEqual(template?.inputs.metadataOptions, { httpTokens: 'required', httpEndpoint: 'enabled' });
  });
});

describe('secrets of aws-ecs', () => {
  const ARN = 'arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf';

  it('are for ECS to read: the task definition says where they are', async () => {
    const env = {
      PLAIN: 'hello',
      WHOLE: { secret: `aws-secrets-manager:${ARN}` },
      FIELD: { secret: `aws-secrets-manager:${ARN}#password` },
      PARAMETER: { secret: 'aws-ssm:/web/db' },
    };
    const config = ecsConfig.parse({ ...PLACE, env });
    const { made } = await runProgram(() => createEcs(inputOf(IMAGE), config, [], lookupsOf()));
    const task = made.find(({ type }) => type === 'aws:ecs/taskDefinition:TaskDefinition');
    const [container] = JSON.parse(task?.inputs.containerDefinitions as string) as [{ environment: []; secrets: [] }];
    assert.deepEqual(container.environment, [{ name: 'PLAIN', value: 'hello' }]);
    assert.deepEqual(container.secrets, [
      { name: 'WHOLE', valueFrom: ARN },
      { name: 'FIELD', valueFrom: `${ARN}:password::` },
      { name: 'PARAMETER', valueFrom: '/web/db' },
    ]);
  });

  it('are refused, with what would be right, where ECS cannot read them', () => {
    const { success, error } = ecsConfig.safeParse({
      ...PLACE,
      env: {
        A: { secret: 'env:DB_PASSWORD' },
        B: { secret: 'aws-secrets-manager:db' },
        C: { secret: 'aws-ssm:/web/db#password' },
        D: { secret: 'aws-ssm:/web/db' },
      },
    });
    assert.equal(success, false);
    assert.deepEqual(
      error.issues.map(({ path, message }) => [path.join('.'), message.split(':', 1).join()]),
      [
        ['env.A.secret', 'aws-secrets-manager'],
        ['env.B.secret', "the secret's ARN, by which ECS reads it"],
        ['env.C.secret', 'no #FIELD'],
      ],
    );
  });
});

describe('secrets of aws-lambda', () => {
  it('are read when the function is made, and are secret to Pulumi', async () => {
    process.env.SUPPLANT_TEST_SECRET = 'a value of no other use';
    try {
      const env = { PLAIN: 'hello', TOKEN: { secret: 'env:SUPPLANT_TEST_SECRET' } };
      const config = lambdaConfig.parse({ ...PLACE, env });
      const { made } = await runProgram(() => createLambda(inputOf(IMAGE), config, [], lookupsOf()));
      const code = made.find(({ type }) => type === 'aws:lambda/function:Function');
      // https://www.pulumi.com/docs/iac/concepts/secrets: the key that marks a secret on the wire, and what it is of.
      const { '4dabf18193072939515e22adb298388d': mark, value } = code?.inputs.environment as JsonObject;
      assert.equal(mark, '1b47061264138c4ac30d75fd1eb44270');
      assert.deepEqual(value, { variables: { PLAIN: 'hello', TOKEN: 'a value of no other use' } });
    } finally {
      delete process.env.SUPPLANT_TEST_SECRET;
    }
  });
});

describe('the plan of a stack on AWS', () => {
  const config = { region: 'eu-central-1', policies: ['/srv/packs/team'] };

  it('may have what the program makes, besides itself, its provider and its environment, and is held to policies', async () => {
    const blueprints = [await createAsgBlueprint(), await createEcsBlueprint(), await createLambdaBlueprint()];
    for (const [index, blueprint] of blueprints.entries()) {
      const guard = blueprint.guard?.(config);
      assert.equal(guard?.maxResources, REVISIONS[index]!.types.length + 3, blueprint.name);
      assert.deepEqual(guard.policyPacks, config.policies);
    }
  });

  it('tells what it costs a month, the day of the prices, and what that leaves out', async () => {
    const [asg, ecs] = [await createAsgBlueprint(), await createEcsBlueprint()];
    const plan = { resources: 1, types: {} };
    const sized = { ...config, instances: 2, instanceType: 't3.micro' };
    const hint = asg.guard?.(sized).estimateCost?.(plan);
    assert.deepEqual([hint?.perMonth, hint?.currency, hint?.pricesOf], [22.48, 'USD', '2025-11-01']);
    assert.match(hint?.assumes ?? '', /^2 × t3.micro with a public address, all day, .*; without traffic$/);
    assert.equal(asg.guard?.({ ...sized, instanceType: 'x9.unknown' }).estimateCost?.(plan), undefined);
    const tasks = { ...config, tasks: 1, cpu: 256, memory: 512, architecture: 'X86_64' };
    assert.equal(ecs.guard?.(tasks).estimateCost?.(plan)?.perMonth, 12.66);
  });
});

describe('the program of aws-environment', () => {
  const SERVICES = { web: { priority: 1 }, shop: { priority: 2, hosts: ['shop.example'] } };
  const run = (config: object = {}) => {
    const input = inputOf('none', { service: 'environment', revision: 0 });
    const parsed = environmentConfig.parse({ ...PLACE, services: SERVICES, ...config });
    return runProgram(() => createEnvironment(input, parsed, [], lookupsOf()));
  };

  it('protects everything, until it is told to let go', async () => {
    for (const protect of [true, false]) {
      const { made } = await run({ protect });
      assert.deepEqual(new Set(ofAws(made).map(({ isProtected }) => isProtected)), new Set([protect]));
      const balancer = made.find(({ type }) => type === 'aws:lb/loadBalancer:LoadBalancer');
      assert.equal(balancer?.inputs.enableDeletionProtection, protect);
    }
  });

  it('leaves what the rules of services do, and their tags, to the router', async () => {
    const { made } = await run();
    const rules = made.filter(({ type }) => type === 'aws:lb/listenerRule:ListenerRule');
    assert.deepEqual(
      rules.map(({ name, inputs }) => [name, inputs.priority]),
      [
        ['rule-web', 40_001],
        ['rule-shop', 40_002],
      ],
    );
    for (const { ignored } of rules) assert.deepEqual(ignored, ['actions', 'tags', 'tagsAll']);
  });

  it('says all that the stacks of revisions read', async () => {
    const { outputs } = await run();
    assert.deepEqual(Object.keys(outputs.environment as object).sort(), Object.keys(ENVIRONMENT).sort());
  });

  it('makes no network where one is given', async () => {
    const network = { vpc: 'vpc-0a1b2c3d', subnets: ['subnet-0a1b2c3d', 'subnet-1a1b2c3d'] };
    const { made } = await run({ network });
    assert.deepEqual(
      made.filter(({ type }) => /Vpc|Subnet|Gateway|RouteTable/.test(type)),
      [],
    );
    const balancer = made.find(({ type }) => type === 'aws:lb/loadBalancer:LoadBalancer');
    assert.deepEqual(balancer?.inputs.subnets, network.subnets);
  });

  it('gives roles no more than it takes to start and to write logs', async () => {
    const { made } = await run();
    const policies = made.filter(({ type }) => type === 'aws:iam/rolePolicy:RolePolicy');
    const actions = policies.flatMap(({ inputs }) => {
      const { Statement } = JSON.parse(inputs.policy as string) as { Statement: { Action: string[] }[] };
      return Statement.flatMap(({ Action }) => Action);
    });
    assert.deepEqual([...new Set(actions)].sort(), [
      ...['ecr:BatchGetImage', 'ecr:GetAuthorizationToken', 'ecr:GetDownloadUrlForLayer'],
      ...['logs:CreateLogStream', 'logs:PutLogEvents'],
    ]);
  });

  it('lets ECS read the secrets that are named, and no others', async () => {
    const secrets = ['arn:aws:secretsmanager:eu-central-1:1:secret:web-*'];
    const { made } = await run({ secrets });
    const granting = made.filter(({ inputs }) => (inputs.policy as string | undefined)?.includes('GetSecretValue'));
    assert.deepEqual(
      granting.map(({ name }) => name),
      ['execution-policy'],
    );
    const { Statement } = JSON.parse(granting[0]?.inputs.policy as string) as { Statement: object[] };
    assert.deepEqual(Statement.at(-1), {
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue', 'ssm:GetParameters'],
      Resource: secrets,
    });
  });
});
