import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { ExperimentSpec } from '../../domain/experiment/experiment.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { RequestMeta, Receipt } from '../../domain/service/requests.ts';
import { formatEndpointUrl, formatRevisionName } from '../../domain/service/revision.ts';
import { readClientPort } from '../../domain/service/router.ts';
import { AS_ROUTER, type RouteObservation } from '../../domain/traffic/route.ts';
import { type ServiceSpec, formatServiceId } from '../../domain/service/service.ts';
import { describeAim } from '../../domain/rollout/narrate.ts';
import { findLikelySecrets } from '../../domain/secrets/likely-secrets.ts';
import type { RolloutKind } from '../../domain/rollout/rollout.ts';
import type { Warning } from '../../domain/service/warning.ts';
import type { RolloutStatus } from '../../domain/rollout/status.ts';
import { anchorArtifact } from '../../config/manifest/artifact-folder.ts';
import { parseDuration } from '../../config/duration.ts';
import { formatPath } from '../../config/fault.ts';
import { requireGlassReason } from '../break-glass.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { followRollout } from '../follow.ts';
import { requestAnswer } from '../request.ts';
import { onService, readRevision } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import type { Frame } from '../views/frame.ts';
import { type Line, line, span, wrap, wrapSentence } from '../views/text.ts';
import { describePlan, describeQueueEffects, describeWayBack, renderWarning } from '../views/receipt.ts';
import { between } from '../views/time.ts';

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
    for (const config of configsOf(described.spec)) warnOfSecrets(session, config);
    return (await import('./experiment/ask.ts')).applyExperiment(session, described.spec, options);
  }
  const spec = options.strictPort ? withStrictPort(described.spec) : described.spec;
  for (const config of placesOfSecrets(spec)) warnOfSecrets(session, config);
  return start(session, options, 'deploy', (client, change) => client.apply(spec, change));
}

/** A mapping that may hold secrets, and where it stands in its manifest. */
interface PlacedConfig {
  path: (string | number)[];
  config: JsonObject;
}

/** Where a service's manifest may name secrets: its blueprint's config, and what its metrics are asked with. */
function placesOfSecrets({ blueprint, strategy: { metrics = [] } }: ServiceSpec): PlacedConfig[] {
  const ofMetrics = metrics.flatMap((metric, index): PlacedConfig[] => {
    const path = ['strategy', 'metrics', index];
    switch (metric.kind) {
      case 'prometheus':
        return [{ path: [...path, 'prometheus', 'headers'], config: metric.headers ?? {} }];
      case 'http-json':
        return [{ path: [...path, 'httpJson', 'headers'], config: metric.headers ?? {} }];
      case 'command':
        return [{ path: [...path, 'command', 'env'], config: metric.env ?? {} }];
      default:
        return [];
    }
  });
  return [{ path: ['blueprint', 'config'], config: blueprint.config }, ...ofMetrics];
}

function configsOf({ variants, drill }: ExperimentSpec): PlacedConfig[] {
  const drilled = [
    { path: ['drill', 'patch'], config: drill?.patch ?? {} },
    { path: ['drill', 'release', 'patch'], config: drill?.release?.patch ?? {} },
  ];
  const ofVariants = variants.map(({ source }, index): PlacedConfig => {
    const path = ['variants', index];
    if (source.kind === 'like') return { path: [...path, 'patch'], config: source.patch ?? {} };
    return { path: [...path, 'blueprint', 'config'], config: source.blueprint.config };
  });
  return [...drilled, ...ofVariants];
}

/** What stands in a manifest is on record for ever. It is a guess, so nothing is refused by it. */
function warnOfSecrets({ terminal }: Session, { config, path: base }: PlacedConfig): void {
  const { width } = terminal.frame();
  for (const { path, looksLike } of findLikelySecrets(config)) {
    const place = formatPath([...base, ...path]);
    const text = `${place} looks like ${looksLike}, and would be on record in the clear; say where it is instead: { secret: env:${path.at(-1) ?? 'NAME'} }`;
    terminal.remark(...renderWarning(text, width));
  }
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
        dryRunLines(receipt, kind, width),
      );
      return EXIT.ok.code;
    }
    if (receipt.unchanged || !options.wait) {
      const place = await placeOf(client, receipt);
      session.terminal.done('change', { receipt, rollout: null, address: place.address }, ({ width }) =>
        session.terminal.quiet ? [] : [...receiptLines(receipt, kind, width), ...placeLines(place, width)],
      );
      return EXIT.ok.code;
    }
    const { rollout, exitCode } = await followRollout(session, client, receipt, { kind, timeoutMs });
    const isGone = rollout?.kind === 'remove' && rollout.outcome === 'succeeded';
    const place = rollout && !isGone ? await placeOf(client, receipt) : NOWHERE;
    const { address } = place;
    if (rollout)
      session.terminal.result('change', { receipt, rollout, address }, (frame) =>
        session.terminal.quiet && rollout.outcome === 'succeeded'
          ? []
          : [
              ...outcomeLines(rollout, frame, session.terminal.quiet),
              ...(session.terminal.quiet ? [] : placeLines(place, frame.width)),
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

/** Where a service's clients connect, and what they find there. */
interface Place {
  address: string | null;
  warnings: Warning[];
}

const LOOK_AGAIN_MS = 200;

const NOWHERE: Place = { address: null, warnings: [] };

/** What was asked for is done: that nobody can say where its clients connect is no failure of it. */
async function placeOf(client: SupplantClient, receipt: Receipt, looks = receipt.settings ? 20 : 1): Promise<Place> {
  const { service } = receipt;
  try {
    const { status, route, warnings = [] } = await client.view(service);
    // A place that was just asked for is on its way.
    if (looks > 1 && route && !isThere(route, readClientPort(status.spec.router))) {
      await delay(LOOK_AGAIN_MS);
      return await placeOf(client, receipt, looks - 1);
    }
    return { address: route ? formatEndpointUrl(route.address) : null, warnings };
  } catch {
    return NOWHERE;
  }
}

function isThere(
  { wantedPort, listen, portFault }: RouteObservation,
  wanted: ReturnType<typeof readClientPort>,
): boolean {
  const isAtPort = wanted.port === undefined || wantedPort === wanted.port;
  const isAtAddress = (wanted.listen ?? AS_ROUTER) === AS_ROUTER || listen === wanted.listen || portFault !== undefined;
  return isAtPort && isAtAddress;
}

function placeLines({ address, warnings }: Place, width: number): Line[] {
  return [
    ...(address === null ? [] : [line('Address: ', span(address, 'accent'))]),
    ...warnings.flatMap(({ text }) => renderWarning(text, width)),
  ];
}

function readTimeout(text: string): number {
  const milliseconds = parseDuration(text);
  // Beyond this, timers fire at once.
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds < 2 ** 31) return milliseconds;
  throw new UsageError(`--timeout: '${text}' is not a duration up to 596h`, { suggestion: 'write 30s, 10m or 1h30m' });
}

function dryRunLines(receipt: Receipt, kind: RolloutKind, width: number): Line[] {
  const { revision, rollout, settings } = receipt;
  const service = formatServiceId(receipt.service);
  if (receipt.unchanged || settings)
    return [...receiptLines(receipt, kind, width), line('It was not asked for: this is a dry run.')];
  if (rollout > 0) return [line(`${service}: rollout #${rollout} does so already. Nothing was started.`)];
  const what = revision === undefined ? '' : `, with ${formatRevisionName(revision)}`;
  const told = [...describeQueueEffects(receipt, kind), ...describePlan(receipt), ...describeWayBack(receipt)];
  return [
    line(`${service}: it would be done${what}. Nothing was started.`),
    ...told.flatMap((text) => wrapSentence(text, width, { indent: '  ' })),
  ];
}

function receiptLines(receipt: Receipt, kind: RolloutKind, width: number): Line[] {
  const service = formatServiceId(receipt.service);
  if (receipt.settings) {
    return [
      line(`${service}: no new revision is needed.`),
      ...receipt.settings.flatMap(({ setting, from, to, effect }) =>
        wrapSentence(`${setting} ${from} → ${to}: ${effect}`, width, { indent: '  ' }),
      ),
    ];
  }
  if (receipt.unchanged) {
    const live = receipt.revision === undefined ? '' : ` (${formatRevisionName(receipt.revision)})`;
    return [line(`${service} is so already${live}; nothing to do.`)];
  }
  const revision = receipt.revision === undefined ? '' : `, ${formatRevisionName(receipt.revision)}`;
  const way = describeQueueEffects(receipt, kind);
  return [
    line(`Rollout #${receipt.rollout} of ${service}${revision} is ${way.length === 0 ? 'started' : 'accepted'}.`),
    ...[...way, ...describePlan(receipt), ...describeWayBack(receipt)].flatMap((text) =>
      wrapSentence(text, width, { indent: '  ' }),
    ),
    line('Look at it: ', span(`supplant watch ${service}`, 'accent')),
  ];
}

function outcomeLines(rollout: RolloutStatus, { width }: Frame, quiet: boolean): Line[] {
  const service = formatServiceId(rollout.service);
  const took = between(rollout.startedAt, rollout.endedAt ?? rollout.startedAt);
  if (rollout.outcome !== 'succeeded') {
    return [
      line(span(`${service}: ${describeAim(rollout)} ${rollout.outcome ?? 'ended'} after ${took}.`, 'bad')),
      // Else the progress has told it.
      ...(quiet && rollout.because !== undefined ? wrap(rollout.because, width).map((text) => line(text)) : []),
      line('Details: ', span(`supplant why ${service} ${rollout.number}`, 'accent')),
    ];
  }
  const { kind, revision } = rollout;
  const done = kind === 'remove' || revision === undefined ? 'is removed' : `${formatRevisionName(revision)} is live`;
  return [line(span(`${service}: ${done}, after ${took}.`, 'good'))];
}
