import type { CheckSpec } from '../../src/domain/checks.ts';
import type { RolloutInput } from '../../src/domain/requests.ts';
import type { Revision } from '../../src/domain/revision.ts';
import type { ConcurrencyPolicy, ServiceKey, ServiceSpec } from '../../src/domain/service.ts';
import type { Standing } from '../../src/domain/standing.ts';
import { DIGEST } from './stack-model.ts';

export function check(name: string): CheckSpec {
  const timing = { successes: 1, intervalMs: 1, timeoutMs: 1000, deadlineMs: 1000 };
  return { kind: 'http', name, path: '/', status: [200], headers: {}, ...timing };
}

export interface SpecOptions {
  artifact?: string;
  bakeMs?: number;
  warm?: number;
  warmForMs?: number;
  checks?: string[];
  concurrency?: ConcurrencyPolicy;
}

export function spec(service: ServiceKey, options: SpecOptions = {}): ServiceSpec {
  const {
    artifact = 'npm:http-server@1.0.0',
    bakeMs = 0,
    warm = 1,
    warmForMs = 3_600_000,
    checks = ['home'],
    concurrency,
  } = options;
  return {
    service,
    artifact,
    blueprint: { name: 'local-process', config: {} },
    router: { kind: 'embedded' },
    strategy: { kind: 'blue-green', bakeMs },
    checks: checks.map(check),
    retention: { warm, warmForMs },
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

export function revision({ service, artifact, blueprint, checks }: ServiceSpec, number: number): Revision {
  return {
    service,
    number,
    artifact: `${artifact}-${number}`,
    blueprint: { ...blueprint, digest: DIGEST },
    checks,
    requestedBy: 'ada',
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

export function standing(described: ServiceSpec, number: number, warmUntil?: string): Standing {
  return {
    revision: revision(described, number),
    endpoints: [{ host: '127.0.0.1', port: 40_000 + number }],
    since: '2026-01-01T00:00:00.000Z',
    ...(warmUntil === undefined ? {} : { warmUntil }),
  };
}

/** The rollout with the number that follows the revisions named. */
export function input(
  described: ServiceSpec,
  {
    kind = 'deploy',
    to,
    live,
    warm = [],
  }: { kind?: RolloutInput['kind']; to?: number; live?: number; warm?: number[] },
): RolloutInput {
  return {
    v: 1,
    number: 50,
    kind,
    actor: 'ada',
    reason: 'because',
    spec: described,
    ...(to === undefined ? {} : { revision: revision(described, to) }),
    lineup: {
      ...(live === undefined ? {} : { live: standing(described, live) }),
      warm: warm.map((number) => standing(described, number)),
    },
  };
}
