import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json.ts';
import type { StackInput } from '../../src/stacks/driver.ts';
import { type Aws, type Emulators, REGION, startAws } from '../doubles/aws/aws.ts';
import type { ProviderHooks } from '../doubles/aws/provider/kind.ts';
import { type AwsProviderDouble, serveAwsProviderDouble } from '../doubles/aws/provider/server.ts';
import { listAccount } from './aws-account.ts';
import { Workbench } from './workbench.ts';

const BLUEPRINTS = join(import.meta.dirname, '../../blueprints');
const MODULES = ['aws-environment', 'aws-asg', 'aws-ecs', 'aws-lambda'].map((name) =>
  join(BLUEPRINTS, name, 'index.ts'),
);

/** What a stack of one of the blueprints is made from. */
export interface AwsStackSpec {
  blueprint: string;
  artifact: string;
  config?: JsonObject;
  service?: string;
  revision?: number;
}

/** A driver with the AWS blueprints, in an empty account of the emulators', behind the double of the plugin. */
export class AwsBench {
  readonly bench: Workbench;
  readonly aws: Aws;
  readonly #provider: AwsProviderDouble;
  readonly #before: NodeJS.ProcessEnv;

  private constructor(parts: { bench: Workbench; aws: Aws; provider: AwsProviderDouble; before: NodeJS.ProcessEnv }) {
    this.bench = parts.bench;
    this.aws = parts.aws;
    this.#provider = parts.provider;
    this.#before = parts.before;
  }

  static async open(emulators: Emulators, hooks: ProviderHooks = {}): Promise<AwsBench> {
    const aws = await startAws(emulators);
    const provider = await serveAwsProviderDouble(aws.client, hooks);
    const before = { ...process.env };
    // Blueprints in this process, and runners that it starts, are told of AWS as anywhere else.
    Object.assign(process.env, aws.env, { SUPPLANT_AWS_PROVIDER_PORT: String(provider.port) });
    const bench = await Workbench.open({ blueprints: MODULES, supervise: false });
    return new AwsBench({ bench, aws, provider, before });
  }

  async input({
    blueprint: name,
    artifact,
    config = {},
    service = 'web',
    revision = 1,
  }: AwsStackSpec): Promise<StackInput> {
    const whole = { region: REGION, ...config };
    const { digest } = await this.bench.driver.describe({ name, config: whole }, artifact);
    return {
      service: { name: service, environment: 'test' },
      revision,
      artifact,
      blueprint: { name, digest, config: whole },
    };
  }

  /** What the stacks of revisions refer to. */
  async environment(config: JsonObject = {}): Promise<StackInput> {
    const services = { web: { priority: 1 } };
    const whole = { services, protect: false, ...config };
    return this.input({
      blueprint: 'aws-environment',
      artifact: 'none',
      config: whole,
      service: 'environment',
      revision: 0,
    });
  }

  /** Everything in the account that was not there from the beginning. */
  async left(): Promise<string[]> {
    return listAccount(this.aws.client);
  }

  async close(): Promise<void> {
    try {
      await this.bench.close();
    } finally {
      for (const name of Object.keys(process.env))
        if (!(name in this.#before)) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, this.#before);
      this.#provider.close();
      await this.aws[Symbol.asyncDispose]();
    }
  }
}
