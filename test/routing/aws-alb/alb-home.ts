import { ModifyTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Endpoint } from '../../../src/domain/service/revision.ts';
import type { AwsAlbRouterSpec, ServiceKey } from '../../../src/domain/service/service.ts';
import { openAlbFactory } from '../../../src/routing/aws-alb/factory.ts';
import type { Router, RouterFactory } from '../../../src/routing/router.ts';
import { type Upstream, startUpstream } from '../../contract/upstream.ts';
import { type Aws, type AwsOptions, type Emulators, startAws } from '../../doubles/aws/aws.ts';
import { enterEnvironment } from '../../doubles/environment.ts';
import { TestLoadBalancer, type TestListener } from '../../doubles/aws/test-load-balancer.ts';

/** A load balancer with a listener for each service, and routers for them. */
export class AlbHome implements AsyncDisposable {
  readonly aws: Aws;
  readonly balancer: TestLoadBalancer;
  readonly #factory: RouterFactory<AwsAlbRouterSpec>;
  readonly #listeners = new Map<string, TestListener>();
  readonly #leave: () => void;
  #groups = 0;

  private constructor(
    parts: Pick<AlbHome, 'aws' | 'balancer'>,
    factory: RouterFactory<AwsAlbRouterSpec>,
    leave: () => void,
  ) {
    this.aws = parts.aws;
    this.balancer = parts.balancer;
    this.#factory = factory;
    this.#leave = leave;
  }

  static async make(emulators: Emulators, services: readonly string[], options: AwsOptions = {}): Promise<AlbHome> {
    const aws = await startAws(emulators, options);
    // As a worker finds AWS.
    const leave = enterEnvironment(aws.env);
    const balancer = await TestLoadBalancer.create(aws);
    const home = new AlbHome({ aws, balancer }, await openAlbFactory({ healthPauseMs: 10 }), leave);
    for (const service of services) home.#listeners.set(service, await balancer.addListener());
    return home;
  }

  listener(service: string): TestListener {
    const found = this.#listeners.get(service);
    if (!found) throw new Error(`there is no listener for ${service}`);
    return found;
  }

  /** The router of one service, by its description. */
  router(service: string, more: Partial<AwsAlbRouterSpec> = {}): Router {
    return this.#factory.create({ kind: 'aws-alb', rule: this.listener(service).arn, healthyLooks: 1, ...more });
  }

  /** One that goes by the service's name. */
  get routers(): Router {
    const of = ({ name }: ServiceKey) => this.router(name);
    return {
      apply: (route, accepting) => of(route.service).apply(route, accepting),
      observe: (service) => of(service).observe(service),
      drain: (service, ...more) => of(service).drain(service, ...more),
      remove: (service, ...more) => of(service).remove(service, ...more),
    };
  }

  /** A service that is the only target of a group of its own. */
  async startUpstream(name: string, attributes: Readonly<Record<string, string>> = {}): Promise<Upstream> {
    const upstream = await startUpstream(name);
    const [endpoint] = await this.join([upstream], attributes);
    return { ...upstream, endpoint: endpoint ?? upstream.endpoint };
  }

  /** One group for several services. */
  async join(upstreams: readonly Upstream[], attributes: Readonly<Record<string, string>> = {}): Promise<Endpoint[]> {
    this.#groups += 1;
    const targets = upstreams.map(({ endpoint: { host, port } }) => ({ host, port }));
    const delay = { 'deregistration_delay.timeout_seconds': '1' };
    const group = await this.balancer.addGroup(`group-${this.#groups}`, {
      targets,
      attributes: { ...delay, ...attributes },
    });
    return targets.map((target) => ({ ...target, attributes: { targetGroupArn: group } }));
  }

  async setAttribute(endpoint: Endpoint, key: string, value: string): Promise<void> {
    const group = endpoint.attributes?.targetGroupArn;
    const Attributes = [{ Key: key, Value: value }];
    await this.balancer.client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#factory.close();
    this.balancer.close();
    await this.aws[Symbol.asyncDispose]();
    this.#leave();
  }
}
