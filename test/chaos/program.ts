import type { ServiceSpec } from '../../src/domain/service.ts';
import type { Behaviour, ProviderFault } from './plan.ts';

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
const BAKE_MS = 500;

export interface Release {
  service: ServiceSpec['service'];
  /** What it answers its users. */
  version: string;
  behaviour: Behaviour;
  provider?: ProviderFault;
}

export function specOf({ service, version, behaviour }: Release): ServiceSpec {
  const hopeless = behaviour === 'unhealthy' || behaviour === 'deaf';
  return {
    service,
    artifact: 'command',
    blueprint: {
      name: 'local-process',
      config: {
        command: [process.execPath, '-e', SOURCE, behaviour, version],
        startTimeout: `${hopeless ? HOPELESS_MS : PATIENT_MS}ms`,
        stopGrace: '2s',
      },
    },
    router: { kind: 'embedded' },
    strategy: { kind: 'blue-green', bakeMs: BAKE_MS },
    checks: [
      {
        kind: 'http',
        name: 'healthy',
        path: '/health',
        status: [200],
        headers: {},
        successes: 2,
        intervalMs: 50,
        timeoutMs: hopeless ? HOPELESS_MS : 5_000,
        deadlineMs: hopeless ? HOPELESS_MS : PATIENT_MS,
      },
    ],
    retention: { warm: 1, warmForMs: 3_600_000 },
  };
}
