import { type ExperimentKey, EXPERIMENT_NAME, parseExperimentId } from '../domain/experiment/experiment.ts';
import type { RunRef } from '../domain/experiment/run.ts';
import { isHostId } from '../domain/hosts/host.ts';
import { NAME, type ServiceKey, parseServiceId } from '../domain/service/service.ts';

/** Names of resources, as https://google.aip.dev/122 has them. */
export const names = {
  service: ({ name, environment }: ServiceKey): string => `services/${name}/environments/${environment}`,
  rollout: (service: ServiceKey, number: number): string => `${names.service(service)}/rollouts/${number}`,
  revision: (service: ServiceKey, number: number): string => `${names.service(service)}/revisions/${number}`,
  experiment: ({ name, environment }: ExperimentKey): string => `experiments/${name}/environments/${environment}`,
  host: (id: string): string => `hosts/${id}`,
  run: ({ experiment, run }: RunRef): string => `${names.experiment(experiment)}/runs/${run}`,
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

const EXPERIMENT = /^experiments\/([^/]+)\/environments\/([^/]+)$/;
const RUN = /^(.+)\/runs\/([^/]+)$/;

/** Reads `experiments/nightly/environments/production`. */
export function parseExperimentName(text: string): Parsed<ExperimentKey> {
  const [, name = '', environment = ''] = EXPERIMENT.exec(text) ?? [];
  if (EXPERIMENT_NAME.test(name) && NAME.test(environment)) return { ok: true, value: { name, environment } };
  const short = parseExperimentId(text);
  const shape = 'experiments/{experiment}/environments/{environment}';
  return {
    ok: false,
    wanted: short ? names.experiment(short) : `${shape}, such as experiments/nightly/environments/production`,
  };
}

/** Reads `experiments/nightly/environments/production/runs/12`; no number stands for the latest. */
export function parseRunName(text: string): Parsed<{ experiment: ExperimentKey; run?: number }> {
  const [, parent = '', number = ''] = RUN.exec(text) ?? [];
  const experiment = parseExperimentName(parent);
  if (experiment.ok && NUMBER.test(number)) {
    return { ok: true, value: { experiment: experiment.value, run: Number(number) } };
  }
  if (experiment.ok && number === LATEST) return { ok: true, value: { experiment: experiment.value } };
  const shape = 'experiments/{experiment}/environments/{environment}/runs/{number}';
  return { ok: false, wanted: `${shape}, such as experiments/nightly/environments/production/runs/12` };
}

const HOST = /^hosts\/([^/]+)$/;

/** Reads `hosts/build-1-0a1b2c3d`. */
export function parseHostName(text: string): Parsed<string> {
  const [, id] = HOST.exec(text) ?? [];
  if (isHostId(id)) return { ok: true, value: id };
  return { ok: false, wanted: 'hosts/{host}, such as hosts/build-1-0a1b2c3d' };
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

/** The host in a name that the gateway gave. */
export function readHost(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The experiment in a name that the gateway gave. */
export function readExperiment(name: string): ExperimentKey {
  return readService(name);
}

/** The service in a name that the gateway gave. */
export function readService(name: string): ServiceKey {
  const [, service = '', , environment = ''] = name.split('/');
  return { name: service, environment };
}
