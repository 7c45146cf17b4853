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
import { type Aws, type Emulators, REGION, startAws } from '../doubles/aws/aws.ts';
import { Machines, type Program } from '../doubles/aws/machines/machines.ts';
import { type AwsProviderDouble, serveAwsProviderDouble } from '../doubles/aws/provider/server.ts';
import { listAccount } from '../stacks/aws-account.ts';
import { Platform, spec } from './platform.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/supplant', import.meta.url));

/** Each blueprint of revisions, by the name of the service that is made with it. */
export const AWS_SERVICES = { asg: 'aws-asg', ecs: 'aws-ecs', lambda: 'aws-lambda' } as const;
export type AwsService = keyof typeof AWS_SERVICES;

/** Artifacts by what they answer: two good ones, and one that is broken. */
const VERSIONS = ['one', 'two', 'broken'] as const;
export type Version = (typeof VERSIONS)[number];

interface Parts {
  aws: Aws;
  provider: AwsProviderDouble;
  machines: Machines;
  platform: Platform;
  env: Record<string, string>;
  amis: readonly string[];
}

interface ShownEnvironment {
  notes?: { address: string; rules: Record<string, string> };
}

/**
 * All of Supplant with the AWS blueprints, in an empty account of the emulators' behind the double of the plugin, with an
 * environment that has a rule for each of {@link AWS_SERVICES}, and what AWS would run.
 */
export class AwsInstallation implements AsyncDisposable {
  readonly aws: Aws;
  readonly platform: Platform;
  /** Where the load balancer listens. A service has {@link hostOf} of its own there. */
  address: Endpoint = { host: '', port: 80 };
  readonly #parts: Parts;
  #rules: Record<string, string> = {};

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.aws = parts.aws;
    this.platform = parts.platform;
  }

  static async open(emulators: Emulators): Promise<AwsInstallation> {
    const aws = await startAws(emulators);
    const provider = await serveAwsProviderDouble(aws.client);
    const ec2 = new EC2Client(aws.client);
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
    ec2.destroy();
    const amis = Images.slice(0, VERSIONS.length).map(({ ImageId = '' }) => ImageId);
    const machines = Machines.start(aws, ['instances', 'tasks', 'functions'], (artifact) => programOf(artifact, amis));
    const env = { ...aws.env, SUPPLANT_AWS_PROVIDER_PORT: String(provider.port) };
    const args = Object.values(AWS_SERVICES).flatMap((name) => ['--blueprint', name]);
    const platform = await Platform.start({ anyPorts: true, env, args });
    const installation = new AwsInstallation({ aws, provider, machines, platform, env, amis });
    const { notes } = await installation.#environment('apply');
    installation.#rules = notes?.rules ?? {};
    installation.address = { host: notes?.address ?? '', port: 80 };
    return installation;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { aws, machines, platform, provider } = this.#parts;
    await platform.dispose();
    await machines[Symbol.asyncDispose]();
    provider.close();
    await aws[Symbol.asyncDispose]();
  }

  /** The name by which the load balancer knows a service's requests. */
  hostOf(service: AwsService): string {
    return `${service}.example`;
  }

  describe(service: AwsService, version: Version): ServiceSpec {
    const [check] = spec(service, { name: '', config: {} }).checks;
    const index = VERSIONS.indexOf(version);
    return spec(
      service,
      { name: AWS_SERVICES[service], config: { region: REGION } },
      {
        artifact: service === 'asg' ? (this.#parts.amis[index] ?? '') : image(index),
        router: {
          ...{ kind: 'aws-alb', rule: this.#rules[service] ?? '', healthyLooks: 1 },
          ...{ settleMs: 100, lastSettleMs: 200, drainMs: 100 },
        },
        checks: [{ ...check!, deadlineMs: 5_000 }],
      },
    );
  }

  async listAccount(): Promise<string[]> {
    return listAccount(this.aws.client);
  }

  async destroyEnvironment(): Promise<void> {
    await this.#environment('destroy');
  }

  async #environment(verb: 'apply' | 'destroy'): Promise<ShownEnvironment> {
    const { platform, env } = this.#parts;
    const names = Object.keys(AWS_SERVICES) as AwsService[];
    const services = names.map((name, index) => `${name}: { priority: ${index + 1}, hosts: [${this.hostOf(name)}] }`);
    const file = join(platform.folder.root, 'environment.yaml');
    const lines = [
      ...['apiVersion: supplant.dev/v1', 'kind: Environment', 'name: test', 'blueprint:', '  name: aws-environment'],
      ...['  config:', `    region: ${REGION}`, '    protect: false', `    services: { ${services.join(', ')} }`],
    ];
    await writeFile(file, lines.join('\n'));
    const args = ['environment', verb, '-f', file, '--data', platform.folder.root, '-o', 'json'];
    const child = spawn(LAUNCHER, args, { env: { ...process.env, ...env } });
    const ended = once(child, 'exit') as Promise<[number]>;
    const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    assert.equal(code, 0, error);
    return JSON.parse(out) as ShownEnvironment;
  }
}

const image = (index: number): string => `registry.example/web@sha256:${String(index).repeat(64)}`;

function programOf(artifact: string, amis: readonly string[]): Program | undefined {
  const version = VERSIONS.find((_, index) => artifact === amis[index] || artifact === image(index));
  return version && { status: version === 'broken' ? 500 : 200, body: version };
}
