import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RequestMeta, Receipt } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { isEndedByRollback } from '../../domain/rollout/verbs.ts';
import type { ReceiptSchema } from '../../contract/gen/supplant/v1/common_pb.ts';
import type { Backend } from '../backend.ts';
import type { Call } from '../call.ts';
import { toReceipt } from '../../contract/convert/receipt.ts';

/** What can be asked of a service that exists. */
export type Action =
  | { kind: 'deploy'; artifact: string }
  | { kind: 'rollback'; revision?: number }
  | { kind: 'restart' }
  | { kind: 'remove' };

export interface Start {
  service: ServiceKey;
  action: Action;
  change: RequestMeta;
}

/** Starts a rollout; or says, where that is all that is wanted, what would be answered. */
export async function startRollout(call: Call, { service, action, change }: Start): Promise<Started> {
  // Who may deploy a release may have it started afresh.
  const backend = call.to(action.kind === 'restart' ? 'deploy' : action.kind, service);
  return passGates(call, service, change, () => carryOut(backend, service, action, change));
}

/** Asks for a rollout; one that passes all gates, of a caller who may, and says so aloud. */
export async function passGates(
  call: Call,
  service: ServiceKey,
  change: RequestMeta,
  ask: () => Promise<Receipt>,
): Promise<Started> {
  if (!change.breakGlass) return { receipt: toReceipt(await ask()) };
  call.to('breakGlass', service);
  const receipt = await ask();
  const { warnings = [] } = receipt;
  return { receipt: toReceipt({ ...receipt, warnings: [describeGlass(receipt, change), ...warnings] }) };
}

function describeGlass({ unchanged, settings, rollout }: Receipt, { actor }: RequestMeta): string {
  if (unchanged || settings) return 'break-glass had nothing to pass: no rollout was needed';
  const late = 'one that was under way before waits still, until promote --break-glass';
  return `BREAK-GLASS by ${actor}: rollout ${rollout} passes all gates and stops of changes, which is on record; ${late}`;
}

export interface Started {
  receipt: MessageInitShape<typeof ReceiptSchema>;
}

function carryOut(backend: Backend, service: ServiceKey, action: Action, change: RequestMeta): Promise<Receipt> {
  switch (action.kind) {
    case 'deploy':
      return backend.deploy(service, action.artifact, change);
    case 'rollback':
      return backend.rollback(service, action.revision, change);
    case 'restart':
      return backend.restart(service, change);
    case 'remove':
      return backend.remove(service, change);
  }
}

/** Whether a rollout that runs is put back for a rollback to that revision, or to the one before. */
export function isLeftBy(wanted: number | undefined, rollout: RolloutStatus): boolean {
  const { kind, revision, phase, outcome } = rollout;
  return outcome === undefined && kind === 'deploy' && revision !== wanted && isEndedByRollback(phase);
}
