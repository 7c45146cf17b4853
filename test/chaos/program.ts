import type { JsonObject } from '../../src/domain/json.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { Guards } from './guards/plan.ts';
import type { Behaviour, ProviderFault } from './plan.ts';
import { type Ramp, describeStrategy } from './ramps.ts';

/** Answers its version to users, and on `/health` as its behaviour says. */
const SOURCE = `
const [behaviour, version] = process.argv.slice(1);
let used = false;
const server = require('http').createServer((asked, answer) => {
  if (asked.url === '/health') {
    const well = behaviour !== 'unhealthy' && !(behaviour === 'sickens' && used);
    answer.writeHead(well ? 200 : 500).end(version);
  } else {
    used = true;
    answer.end(version);
  }
});
const listen = () => server.listen(process.env.PORT, process.env.HOST);
if (behaviour === 'deaf') setInterval(() => undefined, 1000);
else if (behaviour === 'slow') setTimeout(listen, 1000);
else listen();
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections(); });
if (behaviour === 'deaf') process.on('SIGTERM', () => process.exit(0));
`;

/** Long enough for an honest program on a machine that does too much at once. */
const PATIENT_MS = 20_000;
const HOPELESS_MS = 1_200;
export const BAKE_MS = 500;

export interface Release {
  service: ServiceSpec['service'];
  /** What it answers its users. */
  version: string;
  behaviour: Behaviour;
  provider?: ProviderFault;
  /** All traffic at once unless told. */
  ramp?: Ramp;
  /** What it waits for, and whom it tells. */
  guards?: Guards;
}

/** What the provider does with `p1` then; `times` are few, so that everything comes to an end. */
const FAULTS: Record<ProviderFault, JsonObject> = {
  hang: { on: 'create', resource: 'p1', does: 'hang', times: 1 },
  'create-then-error': { on: 'create', resource: 'p1', does: 'error-after', times: 1 },
  throttle: { on: 'create', resource: 'p1', does: 'throttled', times: 1 },
  'slow-create': { on: 'create', resource: 'p1', does: 'slow', times: 1, ms: 2_000 },
  'destroy-fails': { on: 'delete', resource: 'p1', does: 'error', times: 2 },
  'destroy-fails-half-way': { on: 'delete', resource: 'release', does: 'error', times: 1 },
  'slow-delete': { on: 'delete', resource: 'p1', does: 'slow', times: 1, ms: 2_000 },
};

/** @param patientMs how long one that may come to be healthy gets for it */
export function describeHealthCheck(isHopeless: boolean, patientMs: number): ServiceSpec['checks'][number] {
  return {
    kind: 'http',
    name: 'healthy',
    path: '/health',
    status: [200],
    responseHeaders: {},
    successes: 2,
    intervalMs: 50,
    timeoutMs: isHopeless ? HOPELESS_MS : 5_000,
    deadlineMs: isHopeless ? HOPELESS_MS : patientMs,
  };
}

export function specOf({
  service,
  version,
  behaviour,
  provider,
  ramp = { strategy: 'blue-green' },
}: Release): ServiceSpec {
  const hopeless = behaviour === 'unhealthy' || behaviour === 'deaf';
  return {
    service,
    artifact: 'command',
    blueprint: {
      name: provider ? 'faulty' : 'local-process',
      config: {
        command: [process.execPath, '-e', SOURCE, behaviour, version],
        startTimeout: `${hopeless ? HOPELESS_MS : PATIENT_MS}ms`,
        stopGrace: '2s',
        ...(provider ? { faults: [FAULTS[provider]] } : {}),
      },
    },
    router: { kind: 'embedded' },
    strategy: describeStrategy(ramp, BAKE_MS),
    checks: [describeHealthCheck(hopeless, PATIENT_MS)],
    retention: { warm: 1, warmForMs: 3_600_000 },
  };
}
