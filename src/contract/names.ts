import { NAME, type ServiceKey, parseServiceId } from '../domain/service/service.ts';

/** Names of resources, as https://google.aip.dev/122 has them. */
export const names = {
  service: ({ name, environment }: ServiceKey): string => `services/${name}/environments/${environment}`,
  rollout: (service: ServiceKey, number: number): string => `${names.service(service)}/rollouts/${number}`,
  revision: (service: ServiceKey, number: number): string => `${names.service(service)}/revisions/${number}`,
};

/** In place of a rollout's number: the one that runs, else the last one. */
export const LATEST = '-';

const SERVICE = /^services\/([^/]+)\/environments\/([^/]+)$/;
const CHILD = /^(.+)\/(rollouts|revisions)\/([^/]+)$/;
const NUMBER = /^[1-9]\d{0,8}$/;

export type Parsed<T> = { ok: true; value: T } | { ok: false; wanted: string };

/** Reads `services/web/environments/production`. */
export function parseServiceName(text: string): Parsed<ServiceKey> {
  const [, name = '', environment = ''] = SERVICE.exec(text) ?? [];
  if (NAME.test(name) && NAME.test(environment)) return { ok: true, value: { name, environment } };
  const short = parseServiceId(text);
  return {
    ok: false,
    wanted: short
      ? names.service(short)
      : 'services/{service}/environments/{environment}, such as services/web/environments/production',
  };
}

/** Reads `services/web/environments/production/rollouts/12`; no number stands for the latest. */
export function parseRolloutName(text: string): Parsed<{ service: ServiceKey; number?: number }> {
  return parseChild(text, 'rollouts', '12', LATEST);
}

/** Reads `services/web/environments/production/revisions/17`. */
export function parseRevisionName(text: string): Parsed<{ service: ServiceKey; number: number }> {
  const parsed = parseChild(text, 'revisions', '17');
  if (!parsed.ok) return parsed;
  return { ok: true, value: { service: parsed.value.service, number: parsed.value.number ?? 0 } };
}

function parseChild(
  text: string,
  collection: string,
  example: string,
  latest?: string,
): Parsed<{ service: ServiceKey; number?: number }> {
  const [, parent = '', found, number = ''] = CHILD.exec(text) ?? [];
  const service = parseServiceName(parent);
  if (service.ok && found === collection) {
    if (NUMBER.test(number)) return { ok: true, value: { service: service.value, number: Number(number) } };
    if (latest !== undefined && number === latest) return { ok: true, value: { service: service.value } };
  }
  const path = `services/{service}/environments/{environment}/${collection}`;
  return {
    ok: false,
    wanted: `${path}/{number}, such as services/web/environments/production/${collection}/${example}`,
  };
}

/** The number at the end of a name that the gateway gave; undefined where it gave none. */
export function readNumber(name: string): number | undefined {
  const number = name.slice(name.lastIndexOf('/') + 1);
  return NUMBER.test(number) ? Number(number) : undefined;
}

/** The service in a name that the gateway gave. */
export function readService(name: string): ServiceKey {
  const [, service = '', , environment = ''] = name.split('/');
  return { name: service, environment };
}
