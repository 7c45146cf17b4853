import { randomUUID } from 'node:crypto';
import { anchorArtifact } from '../../config/manifest/artifact-folder.ts';
import { parseDuration } from '../../config/duration.ts';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { RolloutKind } from '../../domain/rollout/rollout.ts';
import type { RequestMeta, Receipt } from '../../domain/service/requests.ts';
import { readClientPort } from '../../domain/service/router.ts';
import type { ServiceSpec } from '../../domain/service/service.ts';
import { requireGlassReason } from '../break-glass.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { followRollout } from '../follow.ts';
import { NOWHERE, findPlace, renderPlace } from '../place.ts';
import { requestAnswer } from '../request.ts';
import { listExperimentConfigs, listServiceConfigs, warnOfSecrets } from '../secret-warnings.ts';
import { onService, readRevision } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { renderOutcome } from '../views/outcome.ts';
import { renderDryRun, renderReceipt, renderWarning } from '../views/receipt.ts';

/** Options of the commands that start a rollout. */
export interface ChangeOptions {
  wait: boolean;
  timeout: string;
  reason?: string;
  requestId?: string;
  dryRun?: boolean;
  again?: boolean;
  breakGlass?: boolean;
}

export async function apply(
  session: Session,
  options: ChangeOptions & { file: string; strictPort?: boolean },
): Promise<number> {
  // What reads it takes its time to load, and a rollback should not wait for that.
  const { readDescriptionFile } = await import('../manifest-file.ts');
  const described = await readDescriptionFile(session.context, options.file);
  if (described.kind === 'Experiment') {
    if (options.breakGlass) throw new UsageError('--break-glass is for services; an experiment has no gates');
    if (options.strictPort) throw new UsageError('--strict-port is for services; an experiment has addresses');
    if (options.again) throw new UsageError('--again is for services; experiments are never on hold');
    warnOfSecrets(session, listExperimentConfigs(described.spec));
    return (await import('./experiment/ask.ts')).applyExperiment(session, described.spec, options);
  }
  const spec = options.strictPort ? withStrictPort(described.spec) : described.spec;
  warnOfSecrets(session, listServiceConfigs(spec));
  return start(session, options, 'deploy', (client, change) => client.apply(spec, change));
}

function withStrictPort(spec: ServiceSpec): ServiceSpec {
  const { router } = spec;
  const hasPort = readClientPort(router).port !== undefined;
  if (hasPort && 'port' in router) return { ...spec, router: { ...router, strictPort: true } };
  throw new UsageError('--strict-port: the manifest names no router.port that clients could insist on', {
    suggestion: 'say which one: router: { port: 8080, strictPort: true }',
  });
}

export async function deploy(
  session: Session,
  service: string,
  options: ChangeOptions & { artifact: string },
): Promise<number> {
  const artifact = anchorArtifact(options.artifact, session.context.workingDirectory);
  return start(session, options, 'deploy', (client, change) =>
    onService(client, service, (key) => client.deploy(key, artifact, change)),
  );
}

export async function rollback(
  session: Session,
  service: string,
  options: ChangeOptions & { to?: string },
): Promise<number> {
  const to = options.to === undefined ? undefined : readRevision(options.to);
  return start(session, options, 'rollback', (client, change) =>
    onService(client, service, (key) => client.rollback(key, to, change)),
  );
}

export async function restart(session: Session, service: string, options: ChangeOptions): Promise<number> {
  return start(session, options, 'deploy', (client, change) =>
    onService(client, service, (key) => client.restart(key, change)),
  );
}

export async function remove(
  session: Session,
  service: string,
  options: ChangeOptions & { yes: boolean },
): Promise<number> {
  if (!options.yes && !options.dryRun) await confirmRemoval(session, service);
  return start(session, options, 'remove', (client, change) =>
    onService(client, service, (key) => client.remove(key, change)),
  );
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
  kind: RolloutKind,
  request: (client: SupplantClient, change: RequestMeta) => Promise<Receipt>,
): Promise<number> {
  const timeoutMs = readTimeout(options.timeout);
  if (options.again && options.reason === undefined) {
    throw new UsageError('--again deploys what was rolled back, and goes on record with a reason', {
      suggestion: 'say why: --reason "the database was down"',
    });
  }
  if (options.breakGlass) requireGlassReason(options.reason);
  const change: RequestMeta = {
    actor: session.actor,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    requestId: options.requestId ?? randomUUID(),
    ...(options.dryRun ? { dryRun: true } : {}),
    ...(options.again ? { again: true as const } : {}),
    ...(options.breakGlass ? { breakGlass: true as const } : {}),
  };
  return withClient(session, async (client) => {
    const answered = await requestAnswer(session, timeoutMs, () => request(client, change));
    if ('exitCode' in answered) return answered.exitCode;
    const receipt = answered.answer;
    warnOfWaiting(session, receipt);
    if (options.dryRun) {
      session.terminal.done('change', { receipt, rollout: null, address: null }, ({ width }) =>
        renderDryRun(receipt, kind, width),
      );
      return EXIT.ok.code;
    }
    if (receipt.unchanged || !options.wait) {
      const place = await findPlace(client, receipt);
      session.terminal.done('change', { receipt, rollout: null, address: place.address }, ({ width }) =>
        session.terminal.quiet ? [] : [...renderReceipt(receipt, kind, width), ...renderPlace(place, width)],
      );
      return EXIT.ok.code;
    }
    const { rollout, exitCode } = await followRollout(session, client, receipt, { kind, timeoutMs });
    const isGone = rollout?.kind === 'remove' && rollout.outcome === 'succeeded';
    const place = rollout && !isGone ? await findPlace(client, receipt) : NOWHERE;
    const { address } = place;
    if (rollout)
      session.terminal.result('change', { receipt, rollout, address }, (frame) =>
        session.terminal.quiet && rollout.outcome === 'succeeded'
          ? []
          : [
              ...renderOutcome(rollout, frame, session.terminal.quiet),
              ...(session.terminal.quiet ? [] : renderPlace(place, frame.width)),
            ],
      );
    else if (session.terminal.json) session.terminal.document('change', { receipt, rollout, address });
    return exitCode;
  });
}

/** Nothing is refused by it: who is missing may come at any moment. */
function warnOfWaiting({ terminal }: Session, { warnings = [] }: Receipt): void {
  const { width } = terminal.frame();
  for (const text of warnings) terminal.remark(...renderWarning(text, width));
}

function readTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  // Beyond this, timers fire at once.
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new UsageError(`--timeout: '${text}' is not a duration up to 596h`, { suggestion: 'write 30s, 10m or 1h30m' });
}
