import { parseDuration } from '../../config/duration.ts';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { requestAnswer } from '../request.ts';
import { onService, readRevision } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { renderDrift } from '../views/drift.ts';
import { effectLines } from '../views/effect.ts';
import { requestOf } from './experiment/ask.ts';

export interface CheckOptions {
  reason?: string;
  requestId?: string;
  timeout: string;
}

export interface AcknowledgeOptions {
  reason: string;
  requestId?: string;
  dryRun?: boolean;
}

/** How stacks stand by the last look at each. */
export async function listDrift(session: Session, service: string | undefined): Promise<number> {
  return withClient(session, (client) =>
    onMaybe(client, service, async (key) => {
      await show(session, client, key);
      return EXIT.ok.code;
    }),
  );
}

/** Has stacks looked at now, and shows how they stand. */
export async function checkDrift(
  session: Session,
  service: string | undefined,
  options: CheckOptions,
): Promise<number> {
  const timeoutMs = parseDuration(options.timeout);
  if (timeoutMs === undefined || timeoutMs === 0) {
    throw new UsageError(`--timeout: '${options.timeout}' is not a duration`, { suggestion: 'write 90s or 30m' });
  }
  const change = requestOf(session, options);
  return withClient(session, (client) =>
    onMaybe(client, service, async (key) => {
      const answered = await requestAnswer(session, timeoutMs, () => client.drift.check(key, change));
      if ('exitCode' in answered) return answered.exitCode;
      await show(session, client, key);
      return EXIT.ok.code;
    }),
  );
}

/** Says why what was found of a revision may stay. */
export async function acknowledgeDrift(
  session: Session,
  service: string,
  which: string,
  options: AcknowledgeOptions,
): Promise<number> {
  const revision = readRevision(which);
  const change = requestOf(session, options);
  if (options.reason.trim() === '') {
    throw new UsageError('--reason: nothing is no reason', { suggestion: 'say why the drift may stay' });
  }
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const told = await client.drift.acknowledge(key, revision, change);
      const effect = options.dryRun ? `${told} (nothing was done: this is a dry run)` : told;
      const name = `${formatServiceId(key)} ${formatRevisionName(revision)}`;
      const document = { service: formatServiceId(key), revision: formatRevisionName(revision), effect };
      session.terminal.done('acknowledged', document, ({ width }) => effectLines(name, effect, width));
      return EXIT.ok.code;
    }),
  );
}

async function show(session: Session, client: SupplantClient, service: ServiceKey | undefined): Promise<void> {
  const report = await client.drift.list(service);
  session.terminal.result('drift', report, (frame) => renderDrift(report, frame));
}

function onMaybe(
  client: SupplantClient,
  service: string | undefined,
  work: (key: ServiceKey | undefined) => Promise<number>,
): Promise<number> {
  return service === undefined ? work(undefined) : onService(client, service, work);
}
