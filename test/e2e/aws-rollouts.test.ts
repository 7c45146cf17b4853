import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { ask, load } from '../contract/http.ts';
import { type Aws, REGION, startAws } from '../doubles/aws/aws.ts';
import { Machines, type Program } from '../doubles/aws/machines/machines.ts';
import { type AwsProviderDouble, serveAwsProviderDouble } from '../doubles/aws/provider/server.ts';
import { describeWithAws } from '../doubles/aws/with-aws.ts';
import { listAccount } from '../stacks/aws-account.ts';
import { Platform, change, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));

/** Each blueprint of revisions, with the service that the tests make with it. */
const SERVICES = { asg: 'aws-asg', ecs: 'aws-ecs', lambda: 'aws-lambda' } as const;
type Service = keyof typeof SERVICES;

/** Artifacts by what they answer: two good ones, and one that is broken. */
const VERSIONS = ['one', 'two', 'broken'] as const;
type Version = (typeof VERSIONS)[number];

const image = (index: number): string => `registry.example/web@sha256:${String(index).repeat(64)}`;

describeWithAws('rollouts of the AWS blueprints', (emulators) => {
  let aws: Aws;
  let provider: AwsProviderDouble;
  let machines: Machines;
  let platform: Platform;
  let env: Record<string, string>;
  let amis: string[];
  let address: Endpoint;
  let rules: Record<string, string>;

  before(async () => {
    aws = await startAws(emulators());
    provider = await serveAwsProviderDouble(aws.client);
    const { Images = [] } = await new EC2Client(aws.client).send(new DescribeImagesCommand({}));
    amis = Images.slice(0, VERSIONS.length).map(({ ImageId = '' }) => ImageId);
    machines = Machines.start(aws, ['instances', 'tasks', 'functions'], programOf);
    env = { ...aws.env, SUPPLANT_AWS_PROVIDER_PORT: String(provider.port) };
    const args = Object.values(SERVICES).flatMap((name) => ['--blueprint', name]);
    platform = await Platform.start({ anyPorts: true, env, args });
    const shown = await environment('apply');
    rules = shown.notes?.rules ?? {};
    address = { host: shown.notes?.address ?? '', port: 80 };
  });
  after(async () => {
    await platform.dispose();
    await machines[Symbol.asyncDispose]();
    provider.close();
    await aws[Symbol.asyncDispose]();
  });

  const artifactOf = (service: Service, version: Version): string => {
    const index = VERSIONS.indexOf(version);
    return service === 'asg' ? (amis[index] ?? '') : image(index);
  };

  function programOf(artifact: string): Program | undefined {
    const version = VERSIONS.find((_, index) => artifact === amis[index] || artifact === image(index));
    return version && { status: version === 'broken' ? 500 : 200, body: version };
  }

  async function environment(verb: 'apply' | 'destroy') {
    const services = Object.keys(SERVICES).map(
      (name, index) => `${name}: { priority: ${index + 1}, hosts: [${name}.example] }`,
    );
    const file = join(platform.folder.root, 'environment.yaml');
    const lines = [
      ...['apiVersion: supplant.dev/v1', 'kind: Environment', 'name: test', 'blueprint:', '  name: aws-environment'],
      ...['  config:', `    region: ${REGION}`, '    protect: false', `    services: { ${services.join(', ')} }`],
    ];
    await writeFile(file, lines.join('\n'));
    const args = ['environment', verb, '-f', file, '--data', platform.folder.root, '-o', 'json'];
    const child = spawn(LAUNCHER, args, { env: { ...process.env, ...env } });
    const [out, error, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number]>,
    ]);
    assert.equal(code, 0, error);
    return JSON.parse(out) as { notes?: { address: string; rules: Record<string, string> } };
  }

  function described(service: Service, version: Version): ServiceSpec {
    const [check] = spec(service, { name: '', config: {} }).checks;
    return spec(
      service,
      { name: SERVICES[service], config: { region: REGION } },
      {
        artifact: artifactOf(service, version),
        router: {
          ...{ kind: 'aws-alb', rule: rules[service] ?? '', healthyLooks: 1 },
          ...{ settleMs: 100, lastSettleMs: 200, drainMs: 100 },
        },
        checks: [{ ...check!, deadlineMs: 5_000 }],
      },
    );
  }

  for (const service of Object.keys(SERVICES) as Service[]) {
    it(`${SERVICES[service]}: replaced, refused, gone back and removed under load, and nothing is left`, async () => {
      const { client } = platform;
      const before = await listAccount(aws.client);
      const headers = { host: `${service}.example` };
      const served = async () => (await ask(address, { headers })).body;
      const over = async (asked: Promise<{ service: ServiceSpec['service']; rollout: number }>) => {
        const { service: key, rollout } = await asked;
        return client.waitForRollout(key, rollout);
      };
      const apply = (version: Version) => over(client.apply(described(service, version), change()));
      const key = { name: service, environment: 'test' };

      const first = await apply('one');
      assert.equal(first.outcome, 'succeeded', first.because);
      const clients = load(address, 2, { headers, pauseMs: 10 });
      const second = await apply('two');
      assert.equal(second.outcome, 'succeeded', second.because);
      assert.equal(await served(), 'two');

      const broken = await apply('broken');
      assert.equal(broken.outcome, 'failed');
      assert.match(broken.because ?? '', /answers/);
      assert.equal(await served(), 'two');

      const warm = await over(client.rollback(key, undefined, change()));
      assert.equal(warm.outcome, 'succeeded', warm.because);
      assert.equal(await served(), 'one');

      // r5 takes the place of r2 among the warm ones, so that r2 has to be made anew.
      const fifth = await apply('two');
      assert.equal(fifth.outcome, 'succeeded', fifth.because);
      const rebuilt = await over(client.rollback(key, 2, change()));
      assert.equal(rebuilt.outcome, 'succeeded', rebuilt.because);
      assert.equal(rebuilt.revision, 2);

      const { total, failures } = await clients.stop();
      assert.deepEqual(failures, []);
      assert.ok(total > 0);
      const removed = await over(client.remove(key, change()));
      assert.equal(removed.outcome, 'succeeded', removed.because);
      assert.deepEqual(await listAccount(aws.client), before);
    });
  }

  it('leave an environment that can go', async () => {
    await environment('destroy');
    assert.deepEqual(await listAccount(aws.client), []);
  });
});
