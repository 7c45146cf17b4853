import { randomUUID } from 'node:crypto';
import type { SupplantClient } from '../../client/api.ts';
import type { Change, Ticket } from '../../domain/requests.ts';
import { revisionName } from '../../domain/revision.ts';
import { serviceId } from '../../domain/service.ts';
import type { RolloutStatus } from '../../domain/status.ts';
import { parseDuration } from '../../manifest/duration.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { followRollout } from '../follow.ts';
import { absoluteArtifact, readManifestFile } from '../manifest-file.ts';
import { onService, readRevision } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { line, type Line, span } from '../views/text.ts';
import { between } from '../views/time.ts';
import { aim } from '../views/words.ts';

/** Options of the commands that start a rollout. */
export interface ChangeOptions {
  wait: boolean;
  timeout: string;
  reason?: string;
  requestId?: string;
  dryRun?: boolean;
}

export async function apply(session: Session, options: ChangeOptions & { file: string }): Promise<number> {
  const spec = await readManifestFile(session.context, options.file);
  return start(session, options, (client, change) => client.apply(spec, change));
}

export async function deploy(
  session: Session,
  service: string,
  options: ChangeOptions & { artifact: string },
): Promise<number> {
  const artifact = absoluteArtifact(options.artifact, session.context.workingDirectory);
  return start(session, options, (client, change) =>
    onService(client, service, (key) => client.deploy(key, artifact, change)),
  );
}

export async function rollback(
  session: Session,
  service: string,
  options: ChangeOptions & { to?: string },
): Promise<number> {
  const to = options.to === undefined ? undefined : readRevision(options.to);
  return start(session, options, (client, change) =>
    onService(client, service, (key) => client.rollback(key, to, change)),
  );
}

export async function remove(
  session: Session,
  service: string,
  options: ChangeOptions & { yes: boolean },
): Promise<number> {
  if (!options.yes && !options.dryRun) await confirmRemoval(session, service);
  return start(session, options, (client, change) => onService(client, service, (key) => client.remove(key, change)));
}

async function confirmRemoval({ context }: Session, service: string): Promise<void> {
  const refusal = new UsageError(`${service} stays: removing it was not confirmed`, {
    suggestion: 'add --yes to remove without being asked',
  });
  if (!context.confirm) throw refusal;
  if (!(await context.confirm(`Remove ${service}, its route and all its stacks? [y/N] `))) throw refusal;
}

/** Starts a rollout, follows it unless told otherwise, and says how it ended. */
async function start(
  session: Session,
  options: ChangeOptions,
  request: (client: SupplantClient, change: Change) => Promise<Ticket>,
): Promise<number> {
  const timeoutMs = readTimeout(options.timeout);
  const change: Change = {
    actor: session.actor,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    requestId: options.requestId ?? randomUUID(),
    ...(options.dryRun ? { dryRun: true } : {}),
  };
  return withClient(session, async (client) => {
    const ticket = await request(client, change);
    if (options.dryRun) {
      session.terminal.result('change', { ticket, rollout: null }, () => dryRunLines(ticket));
      return EXIT.ok.code;
    }
    if (ticket.unchanged || !options.wait) {
      session.terminal.result('change', { ticket, rollout: null }, () =>
        session.terminal.quiet ? [] : ticketLines(ticket),
      );
      return EXIT.ok.code;
    }
    const { rollout, exitCode } = await followRollout(session, client, ticket, timeoutMs);
    if (rollout)
      session.terminal.result('change', { ticket, rollout }, () =>
        session.terminal.quiet ? [] : outcomeLines(rollout),
      );
    else if (session.terminal.json) session.terminal.document('change', { ticket, rollout });
    return exitCode;
  });
}

function readTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  // Beyond this, timers fire at once.
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new UsageError(`--timeout: '${text}' is not a duration up to 596h`, { suggestion: 'write 30s, 10m or 1h30m' });
}

function dryRunLines({ service, queuedBehind }: Ticket): Line[] {
  const when = queuedBehind === 0 ? '' : `, behind ${queuedBehind} other`;
  return [line(`${serviceId(service)}: it would be done${when}. Nothing was started.`)];
}

function ticketLines(ticket: Ticket): Line[] {
  const service = serviceId(ticket.service);
  if (ticket.unchanged) {
    const live = ticket.revision === undefined ? '' : ` (${revisionName(ticket.revision)})`;
    return [line(`${service} is so already${live}; nothing to do.`)];
  }
  const revision = ticket.revision === undefined ? '' : `, ${revisionName(ticket.revision)}`;
  const queue = ticket.queuedBehind === 0 ? 'started' : `queued behind ${ticket.queuedBehind}`;
  return [
    line(`Rollout #${ticket.rollout} of ${service}${revision} is ${queue}.`),
    line('Look at it: ', span(`supplant watch ${service}`, 'accent')),
  ];
}

function outcomeLines(rollout: RolloutStatus): Line[] {
  const service = serviceId(rollout.service);
  const took = between(rollout.startedAt, rollout.endedAt ?? rollout.startedAt);
  if (rollout.outcome !== 'succeeded') {
    return [
      line(span(`${service}: ${aim(rollout)} ${rollout.outcome ?? 'ended'} after ${took}.`, 'bad')),
      line('Details: ', span(`supplant why ${service} ${rollout.number}`, 'accent')),
    ];
  }
  const { kind, revision } = rollout;
  const done = kind === 'remove' || revision === undefined ? 'is removed' : `${revisionName(revision)} is live`;
  return [line(span(`${service}: ${done}, after ${took}.`, 'good'))];
}
