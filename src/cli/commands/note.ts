import { randomUUID } from 'node:crypto';
import type { SupplantClient } from '../../client/api.ts';
import type { Change } from '../../domain/requests.ts';
import { revisionName } from '../../domain/revision.ts';
import { type ServiceKey, serviceId } from '../../domain/service.ts';
import { EXIT } from '../exit-codes.ts';
import { onService, readRevision, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { line, span } from '../views/text.ts';

/** What is said of a revision or of the queue without a rollout following from it. */
export type Note = 'pin' | 'unpin' | 'mark-bad' | 'drop';

interface Said {
  send: (client: SupplantClient, service: ServiceKey, change: Change) => Promise<void>;
  effect: string;
}

export async function note(
  session: Session,
  kind: Note,
  service: string,
  which: string,
  options: { reason?: string },
): Promise<number> {
  const { send, effect } = said(kind, which);
  const change: Change = {
    actor: session.actor,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    requestId: randomUUID(),
  };
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      await send(client, key, change);
      session.terminal.result('note', { service: serviceId(key), kind, effect }, () =>
        session.terminal.quiet ? [] : [line(span(`${serviceId(key)}: `, 'strong'), effect)],
      );
      return EXIT.ok.code;
    }),
  );
}

function said(kind: Note, which: string): Said {
  if (kind === 'drop') {
    const rollout = readRollout(which);
    const effect = `rollout ${rollout} was taken out of the queue`;
    return { send: (client, key, change) => client.removeQueued(key, rollout, change), effect };
  }
  const revision = readRevision(which);
  const name = revisionName(revision);
  switch (kind) {
    case 'pin':
      return {
        send: (client, key, change) => client.pin(key, revision, change),
        effect: `${name} stays warm until it is unpinned`,
      };
    case 'unpin':
      return {
        send: (client, key, change) => client.unpin(key, revision, change),
        effect: `retention decides about ${name} again`,
      };
    case 'mark-bad':
      return {
        send: (client, key, change) => client.markBad(key, revision, change),
        effect: `nobody goes back to ${name} any more`,
      };
  }
}
