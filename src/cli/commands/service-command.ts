import { randomUUID } from 'node:crypto';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { RequestMeta } from '../../domain/service/requests.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import { EXIT } from '../exit-codes.ts';
import { onService, readRevision, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { effectLines } from '../views/effect.ts';

/** What is said of a revision or of the queue without a rollout following from it. */
export type Note = 'pin' | 'unpin' | 'mark-bad' | 'drop';

interface Said {
  send: (client: SupplantClient, service: ServiceKey, change: RequestMeta) => Promise<void>;
  effect: string;
}

export async function runServiceCommand(
  session: Session,
  kind: Note,
  service: string,
  which: string,
  options: { reason?: string },
): Promise<number> {
  const { send, effect } = said(kind, which);
  const change: RequestMeta = {
    actor: session.actor,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    requestId: randomUUID(),
  };
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      await send(client, key, change);
      const document = { service: formatServiceId(key), kind, effect };
      session.terminal.done('note', document, ({ width }) => effectLines(formatServiceId(key), effect, width));
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
  const name = formatRevisionName(revision);
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
