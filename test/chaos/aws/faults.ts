import type { AwsInstallation } from '../../e2e/aws-installation.ts';
import { type Struck, seekOut, signalOne } from '../faults.ts';
import type { AwsFaultKind, PlannedAwsFault } from './plan.ts';

type Fault = (installation: AwsInstallation, planned: PlannedAwsFault) => Promise<Struck>;

/** What each fault does. */
export const AWS_FAULTS: Record<AwsFaultKind, Fault> = {
  'worker-killed': async (installation, { pick }) => signalOne(rootOf(installation), 'worker', 'SIGKILL', pick),
  'worker-restarted': async (installation, { pick }) => signalOne(rootOf(installation), 'worker', 'SIGTERM', pick),
  'gateway-killed': async (installation, { pick }) => signalOne(rootOf(installation), 'gateway', 'SIGKILL', pick),
  'temporal-killed': async (installation, { pick }) => signalOne(rootOf(installation), 'temporal', 'SIGKILL', pick),
  'engine-killed': async (installation, { pick }) => seekOut(rootOf(installation), 'engine', pick),
  'provider-killed': async (installation, { pick }) => seekOut(rootOf(installation), 'runner', pick),
  'call-throttled': async ({ aws }, { action }) => {
    aws.front.faults.order(action, 'throttle', 2);
    return 'struck';
  },
  'answer-lost': async ({ aws }, { action }) => {
    aws.front.faults.order(action, 'lose-answer');
    return 'struck';
  },
};

function rootOf({ platform }: AwsInstallation): string {
  return platform.folder.root;
}
