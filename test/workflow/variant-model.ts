import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Compare } from '../../src/activities/experiment/records.ts';
import type { SendLoad } from '../../src/activities/experiment/probes.ts';
import type { DriftFinding } from '../../src/domain/drift/finding.ts';
import type { Endpoint } from '../../src/domain/service/revision.ts';
import { formatStackName } from '../../src/domain/service/revision.ts';
import { choosePool } from '../../src/domain/pools/pool.ts';
import { type BlueprintRef, type ServiceKey, formatServiceId } from '../../src/domain/service/service.ts';
import type { Router, RouterLookup } from '../../src/routing/router.ts';
import type {
  BlueprintDescription,
  OperationContext,
  StackDriver,
  StackInput,
  StackOutputs,
  StackPlan,
  StackSummary,
} from '../../src/stacks/driver.ts';
import type { ExperimentStore } from '../../src/store/experiments/stores.ts';
import { RouteModel } from './route-model.ts';
import { DIGEST } from './stack-model.ts';

/**
 * The stacks of an experiment's runs, and the router's routes to them, in memory; what they serve is one real server. Notes
 * in `breaches` what would be a leak: a stack without a lease, and one that goes while the router leads to it.
 */
export class VariantModel implements StackDriver {
  readonly breaches: string[] = [];
  readonly inputs: StackInput[] = [];
  readonly routes = new Map<string, RouteModel>();
  faults: BlueprintDescription['faults'] = [];
  /** How many stacks there were at the same time at most. */
  most = 0;
  readonly #standing = new Map<string, StackInput>();
  readonly #store: Pick<ExperimentStore, 'leases'>;
  #server: Server | undefined;

  constructor(store: Pick<ExperimentStore, 'leases'>) {
    this.#store = store;
  }

  get names(): string[] {
    return [...this.#standing.keys()].toSorted();
  }

  get routers(): RouterLookup {
    return { of: async () => this.#router };
  }

  async describe(ref: BlueprintRef): Promise<BlueprintDescription> {
    return { digest: DIGEST, ...choosePool(ref.pool, undefined), faults: this.faults };
  }

  async provision(input: StackInput, _context?: OperationContext): Promise<StackOutputs> {
    const stack = formatStackName(input.service, input.revision);
    const lease = await this.#store.leases.find({ project: input.service.environment, stack });
    if (!lease) this.breaches.push(`${stack} is made without a lease`);
    this.#standing.set(stack, input);
    this.inputs.push(input);
    this.most = Math.max(this.most, this.#standing.size);
    return { endpoints: [await this.#endpoint()], notes: {} };
  }

  async destroy({ service, revision }: StackInput): Promise<void> {
    const stack = formatStackName(service, revision);
    const target = this.routes.get(formatServiceId(service))?.route?.targets.find((each) => each.revision === revision);
    if (target) this.breaches.push(`${stack} is destroyed while the router leads to it`);
    this.#standing.delete(stack);
  }

  async reap(): Promise<void> {
    throw new Error('no run reaps');
  }

  async list(): Promise<StackSummary[]> {
    return this.names.map((stack) => ({ project: 'test', stack, resources: 1 }));
  }

  async *pages(): AsyncGenerator<StackSummary[]> {
    yield await this.list();
  }

  async preview(): Promise<StackPlan> {
    throw new Error('no run previews');
  }

  async detectDrift(): Promise<DriftFinding[]> {
    throw new Error('no run looks for drift');
  }

  async close(): Promise<void> {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  get #router(): Router {
    const of = (service: ServiceKey): RouteModel => {
      const id = formatServiceId(service);
      const health = {
        standing: (run: number) => this.#standing.has(formatStackName(service, run)),
        proven: () => true,
      };
      const model = this.routes.get(id) ?? new RouteModel(health);
      this.routes.set(id, model);
      return model;
    };
    return {
      apply: (route) => of(route.service).apply(route),
      observe: (service) => of(service).observe(),
      drain: (service, revision) => of(service).drain(service, revision),
      remove: (service, generation) => of(service).remove(service, generation),
    };
  }

  async #endpoint(): Promise<Endpoint> {
    if (!this.#server) {
      this.#server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
    }
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }
}

/** A load that takes no time. */
export const measureAtOnce: SendLoad = async ({ name }, { variant }) => {
  const at = new Date().toISOString();
  const summary = { count: 3, min: 1, mean: 2, p50: 2, p90: 3, p95: 3, p99: 3, p999: 3, max: 3 };
  const counts = { requests: 3, errors: 0, errorKinds: [], late: 0 };
  return { kind: 'load', variant, probe: name, from: at, to: at, ...counts, latency: summary, samples: [1, 2, 3] };
};

/** What differs is another test's. */
export const compareNothing: Compare = ({ baseline, confidence }, measurements) =>
  measurements
    .filter(({ variant, kind }) => kind === 'load' && variant !== baseline)
    .map(({ variant, probe }) => ({
      ...{ probe, variant, baseline, figure: 'latency', test: 'none', baselineValue: 2, variantValue: 2, confidence },
      ...{ difference: { estimate: 0, low: 0, high: 0 }, counts: { baseline: 3, variant: 3 } },
      ...{ verdict: 'undecided', words: 'nobody knows' },
    }));
