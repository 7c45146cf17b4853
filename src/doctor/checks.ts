import type { DoctorCheck } from './check.ts';
import { lazily } from './checks/aws/lazily.ts';
import { dataFolder } from './checks/data-folder.ts';
import { haproxy } from './checks/haproxy.ts';
import { plugins } from './checks/plugins.ts';
import { ports } from './checks/ports.ts';
import { router } from './checks/router.ts';
import { secrets } from './checks/secrets.ts';
import { state } from './checks/state.ts';
import { pulumiCli, temporalCli } from './checks/tools.ts';

/** Everything that `supplant doctor` looks into, in the order in which it is told. Another one is a file and a line here. */
export const CHECKS: readonly DoctorCheck[] = [
  pulumiCli,
  temporalCli,
  dataFolder,
  ports,
  haproxy,
  plugins,
  router,
  secrets,
  state,
  lazily('AWS credentials', async () => (await import('./checks/aws/credentials.ts')).awsCredentials),
  lazily('AWS permissions', async () => (await import('./checks/aws/permissions.ts')).awsPermissions),
  lazily('AWS load balancing', async () => (await import('./checks/aws/alb-limits.ts')).albLimits),
];
