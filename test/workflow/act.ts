import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command, VerbRequest } from '../../src/domain/service/requests.ts';
import type { RolloutVerb } from '../../src/domain/rollout/verbs.ts';
import { pickSettings } from '../../src/domain/service/service.ts';
import { askAgain } from '../../src/gateway/backend/ask-again.ts';
import { isBusy, isDiscarded } from '../../src/gateway/backend/errors.ts';
import { supersedeSignal } from '../../src/workflows/shared/messages.ts';
import type { Bench } from './bench.ts';
import { spec } from './samples.ts';

/** What of a handle is needed to ask a rollout something. */
export interface Askable {
  workflowId: string;
  executeUpdate(name: string, options: { args: [object]; updateId: string }): Promise<string>;
}

/** Has a rollout put back for another one's sake, as its service does: what is asked for stands on record first. */
export async function supersede(
  { activities, service }: Pick<Bench, 'activities' | 'service'>,
  handle: Pick<WorkflowHandle, 'signal'>,
  by = 51,
): Promise<void> {
  const at = new Date().toISOString();
  const settings = pickSettings(spec(service, { concurrency: 'supersede-running' }));
  await activities.store.catalogue.requests.save({
    ...{ service, requestId: `asked-${by}`, fingerprint: 'f', at },
    entry: { service, number: by, kind: 'deploy', actor: 'ada', settings, queuedAt: at },
  });
  await handle.signal(supersedeSignal, by);
}

/** Who asks, and how. */
interface By extends Pick<VerbRequest, 'full' | 'breakGlass' | 'demanded' | 'standing'> {
  actor: string;
  reason?: string;
}

/** Asks something of a rollout as a gateway does: on record first, then by that name. */
export async function act(
  { activities, service }: Pick<Bench, 'activities' | 'service'>,
  handle: unknown,
  verb: RolloutVerb,
  { full, breakGlass, demanded, standing, ...by }: By = { actor: 'bob' },
): Promise<string> {
  const asked = handle as Askable;
  const rollout = Number(asked.workflowId.split('/').at(-1));
  const command: Command = {
    id: randomUUID(),
    service,
    asked: {
      ...{ kind: 'verb', verb, rollout },
      ...(full ? { full } : {}),
      ...(breakGlass ? { breakGlass } : {}),
      ...(demanded ? { demanded } : {}),
      ...(standing ? { standing } : {}),
    },
    change: { ...by, requestId: randomUUID() },
    at: new Date().toISOString(),
  };
  await activities.store.catalogue.commands.save(command);
  const options = { args: [{ command: command.id }] as [object], updateId: command.id };
  // The gateway asks again, too.
  return askAgain(
    () => asked.executeUpdate(verb, options),
    (error) => isDiscarded(error) || isBusy(error),
  );
}
