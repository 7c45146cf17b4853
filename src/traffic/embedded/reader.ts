import type { Endpoint } from '../../domain/revision.ts';
import type { Route, RouteTarget } from '../../domain/route.ts';
import { NAME, type ServiceKey } from '../../domain/service.ts';

/** Reads on past a fault, so that all of them are found. */
export class Reader {
  readonly faults: string[] = [];
  /** Something was not even of the right type. */
  mistyped = false;

  route(input: unknown, path: string): Route {
    const fields = this.object(input, path);
    return {
      service: this.service(fields.service, `${path}.service`),
      generation: this.number(fields.generation, `${path}.generation`),
      ...(fields.port === undefined ? {} : { port: this.port(fields.port, `${path}.port`) }),
      targets: this.list(fields.targets, `${path}.targets`).map((target, index) =>
        this.target(target, `${path}.targets[${index}]`),
      ),
    };
  }

  target(input: unknown, path: string): RouteTarget {
    const fields = this.object(input, path);
    return {
      revision: this.whole(fields.revision, `${path}.revision`, 1, Number.MAX_SAFE_INTEGER),
      endpoints: this.list(fields.endpoints, `${path}.endpoints`).map((endpoint, index) =>
        this.endpoint(endpoint, `${path}.endpoints[${index}]`),
      ),
      weight: this.number(fields.weight, `${path}.weight`),
    };
  }

  endpoint(input: unknown, path: string): Endpoint {
    const { host, port } = this.object(input, path);
    if (typeof host !== 'string' || !/^[A-Za-z0-9.:_-]+$/.test(host)) {
      this.#fault(`${path}.host must be a host name or an address without brackets, for instance 127.0.0.1`);
    }
    return { host: String(host), port: this.port(port, `${path}.port`) };
  }

  service(input: unknown, path: string): ServiceKey {
    const fields = this.object(input, path);
    return {
      name: this.#name(fields.name, `${path}.name`),
      environment: this.#name(fields.environment, `${path}.environment`),
    };
  }

  port(input: unknown, path: string): number {
    return this.whole(input, path, 1, 65_535);
  }

  whole(input: unknown, path: string, from: number, to: number): number {
    if (typeof input !== 'number') return this.number(input, path);
    if (!Number.isInteger(input) || input < from || input > to) {
      this.#fault(`${path} is ${input}; use a whole number from ${from} to ${to}`);
    }
    return input;
  }

  number(input: unknown, path: string): number {
    if (typeof input === 'number') return input;
    this.#mistype(`${path} must be a number`);
    return 0;
  }

  object(input: unknown, path: string): Record<string, unknown> {
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>;
    this.#mistype(`${path} must be an object`);
    return {};
  }

  list(input: unknown, path: string): unknown[] {
    if (Array.isArray(input)) return input;
    this.#mistype(`${path} must be a list`);
    return [];
  }

  #name(input: unknown, path: string): string {
    if (typeof input !== 'string' || !NAME.test(input)) {
      this.#fault(`${path} must be lower-case letters, digits and hyphens, begin with a letter and have at most 40`);
    }
    return String(input);
  }

  #mistype(fault: string): void {
    this.mistyped = true;
    this.#fault(fault);
  }

  #fault(fault: string): void {
    this.faults.push(fault);
  }
}
