import { anchorArtifact } from '../../config/manifest/artifact-folder.ts';
import { parseDuration } from '../../config/duration.ts';
import type { PreviewAnswer } from '../../contract/preview-client.ts';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { RunStatus } from '../../domain/experiment/run.ts';
import type { PreviewKey } from '../../domain/preview/name.ts';
import { type PreviewRequest, formatPreview } from '../../domain/preview/preview.ts';
import type { PreviewView } from '../../domain/preview/view.ts';
import { formatServiceId, type ServiceKey } from '../../domain/service/service.ts';
import { UsageError } from '../errors.ts';
import { EXIT, exitCodeOfRun } from '../exit-codes.ts';
import { readPatchFile } from '../manifest-file.ts';
import { onService, resolveService } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { renderRunChanges } from '../views/experiment/changes.ts';
import { renderPreview, renderPreviews } from '../views/preview.ts';
import { line, span, wrap } from '../views/text.ts';
import { exitCodeOfCut, isPassing, pollUntil, runUntilCut } from '../waiting.ts';
import { type AskOptions, requestOf } from './experiment/ask.ts';

export interface OpenOptions extends AskOptions {
  artifact: string;
  ttl?: string;
  port?: number;
  patch?: string;
  force: boolean;
  wait: boolean;
  timeout: string;
}

/** Opens or renews a preview, and prints where it is. */
export async function openPreview(
  session: Session,
  service: string,
  branch: string,
  options: OpenOptions,
): Promise<number> {
  const { terminal } = session;
  const { timeoutMs, ...asked } = await readOptions(session, options);
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const request = { service: key, branch, ...asked };
      const change = requestOf(session, options);
      const answer = await client.previews.open(request, change);
      const { effect, unchanged, port } = answer;
      const told = options.dryRun ? `${effect} (nothing was done: this is a dry run)` : effect;
      const { width } = terminal.frame(session.context.stderr);
      terminal.progress(...wrap(told, width).map((text) => line(text)));
      const planned = `http://127.0.0.1:${port}`;
      if (options.dryRun) {
        terminal.result('opened', { effect, unchanged, url: planned, run: null, preview: null }, () => [line(planned)]);
        return EXIT.ok.code;
      }
      const exitCode = options.wait ? await waitUntilUp(session, client, request, answer, timeoutMs) : EXIT.ok.code;
      const preview = await client.previews.view(request);
      const url = preview.url ?? planned;
      const document = { effect, unchanged, url, run: answer.run ?? null, preview };
      if (exitCode === EXIT.ok.code) terminal.result('opened', document, () => [line(url)]);
      else if (terminal.json) terminal.document('opened', document);
      return exitCode;
    }),
  );
}

/** All that is wrong with the options, at once. */
async function readOptions(session: Session, options: OpenOptions) {
  const wrong: { path: string; message: string }[] = [];
  const read = (option: string, text: string): number => {
    const millis = parseDuration(text);
    // Beyond this, timers fire at once.
    if (millis !== undefined && millis > 0 && (option === '--ttl' || millis < 2 ** 31)) return millis;
    wrong.push({ path: option, message: `expected a duration, such as 30m or 8h, found '${text}'` });
    return 0;
  };
  const ttlMs = options.ttl === undefined ? undefined : read('--ttl', options.ttl);
  const timeoutMs = read('--timeout', options.timeout);
  const [first] = wrong;
  if (first) throw new UsageError(`${first.path}: ${first.message}`, { faults: wrong.length > 1 ? wrong : [] });
  const { context } = session;
  const patch = options.patch === undefined ? undefined : await readPatchFile(context, options.patch);
  return {
    artifact: anchorArtifact(options.artifact, context.workingDirectory),
    force: options.force,
    timeoutMs,
    ...(patch === undefined ? {} : { patch }),
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(options.port === undefined ? {} : { port: options.port }),
  } satisfies Omit<PreviewRequest, keyof PreviewKey> & { timeoutMs: number };
}

/** Follows the run until it can be looked at. Returns how the command ends. */
async function waitUntilUp(
  session: Session,
  client: SupplantClient,
  key: PreviewKey,
  { run }: PreviewAnswer,
  timeoutMs: number,
): Promise<number> {
  const { context, terminal } = session;
  let before: RunStatus | undefined;
  let view: PreviewView | undefined;
  const ended = await runUntilCut(session, { timeoutMs }, async (signal) => {
    await pollUntil(context.pollMs, signal, async () => {
      view = await client.previews.view(key).catch((error: unknown) => {
        if (isPassing(error)) return undefined;
        throw error;
      });
      const status = view?.runs.map((each) => each.status).find((each) => each.run === run);
      if (!status) return false;
      terminal.progress(...renderRunChanges(before, status, terminal.frame(context.stderr)));
      before = status;
      return status.outcome !== undefined || status.phase === 'hold';
    });
  });
  if ('cut' in ended) {
    terminal.remark(line(span(`${formatPreview(key)} is not up yet; it goes on.`, 'busy')));
    return exitCodeOfCut(ended.cut);
  }
  if (before?.outcome === undefined) return EXIT.ok.code;
  const stays = view?.url === undefined ? '' : ` What was up before stays at ${view.url}.`;
  terminal.remark(
    line(span(`${formatPreview(key)} is not up with that: ${before.because ?? before.outcome}.${stays}`, 'bad')),
  );
  return exitCodeOfRun(before.outcome === 'succeeded' ? 'stopped' : before.outcome);
}

export async function listPreviews(session: Session, service: string | undefined): Promise<number> {
  return withClient(session, async (client) => {
    const list = async (key?: ServiceKey): Promise<number> => {
      const previews = await client.previews.list(key);
      session.terminal.result('previews', { previews }, (frame) => renderPreviews(previews, frame));
      return EXIT.ok.code;
    };
    return service === undefined ? list() : list(await resolveService(client, service));
  });
}

export async function previewStatus(session: Session, service: string, branch: string): Promise<number> {
  return withClient(session, async (client) => {
    const view = await client.previews.view({ service: await resolveService(client, service), branch });
    session.terminal.result('preview', view, (frame) => renderPreview(view, frame));
    return EXIT.ok.code;
  });
}

export async function closePreview(
  session: Session,
  service: string,
  branch: string,
  options: AskOptions,
): Promise<number> {
  const { terminal } = session;
  return withClient(session, async (client) => {
    const key = await resolveService(client, service);
    const { effect, unchanged } = await client.previews.close({ service: key, branch }, requestOf(session, options));
    const shown = options.dryRun ? `${effect} (nothing was done: this is a dry run)` : effect;
    const document = { service: formatServiceId(key), branch, effect, unchanged };
    terminal.done('closed', document, ({ width }) => wrap(shown, width).map((text) => line(text)));
    return EXIT.ok.code;
  });
}
