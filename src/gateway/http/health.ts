import { setTimeout as sleep } from 'node:timers/promises';
import type { DescService } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../contract/gen/grpc/health/v1/health_pb.ts';
import type { Gateway } from '../call.ts';

/** How long an answer about readiness is good for, in milliseconds. */
const FRESH_MS = 1000;
/** How long what is behind the gateway may take to say that it is there, in milliseconds. */
const PATIENCE_MS = 3000;

/** Whether requests can be carried out: not while Temporal or the audit store does not answer, nor during a drain. */
export class Readiness {
  readonly #gateway: Gateway;
  #asked = 0;
  #answer: Promise<boolean> | undefined;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** Asked at most once a second, however many want to know. */
  async ready(): Promise<boolean> {
    if (this.#gateway.draining.aborted) return false;
    if (!this.#answer || performance.now() - this.#asked > FRESH_MS) {
      this.#asked = performance.now();
      this.#answer = this.#ask();
    }
    return this.#answer;
  }

  async #ask(): Promise<boolean> {
    const { backend } = this.#gateway;
    const answered = async (): Promise<boolean> => {
      await (backend.ready ? backend.ready() : backend.auditEvents({ limit: 1 }));
      return true;
    };
    try {
      return await Promise.race([answered(), sleep(PATIENCE_MS, false, { ref: false })]);
    } catch {
      return false;
    }
  }
}

/** The standard health service: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export function addHealthRoutes(router: ConnectRouter, readiness: Readiness, services: readonly DescService[]): void {
  const known = new Set(['', ...services.map(({ typeName }) => typeName)]);
  const status = async (service: string): Promise<Status> => {
    if (!known.has(service)) return Status.SERVICE_UNKNOWN;
    return (await readiness.ready()) ? Status.SERVING : Status.NOT_SERVING;
  };
  router.service(Health, {
    async check({ service }) {
      if (!known.has(service)) throw new ConnectError(`there is no service ${service}`, Code.NotFound);
      return { status: await status(service) };
    },
    async list() {
      const statuses = await Promise.all(
        [...known].map(async (name) => [name, { status: await status(name) }] as const),
      );
      return { statuses: Object.fromEntries(statuses) };
    },
    async *watch({ service }, { signal }) {
      let last: Status | undefined;
      while (!signal.aborted) {
        const now = await status(service);
        if (now !== last) yield { status: now };
        last = now;
        await sleep(FRESH_MS, undefined, { signal }).catch(() => undefined);
      }
    },
  });
}
