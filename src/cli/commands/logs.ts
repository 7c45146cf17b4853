import { stripVTControlCharacters } from 'node:util';
import type { LogPart, LogQuery } from '../../domain/logs.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { SupplantClient } from '../../contract/supplant-client.ts';
import { EXIT } from '../exit-codes.ts';
import { onService, readRevision } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { exitCodeOfCut, runUntilCut } from '../waiting.ts';
import { line, pad, span } from '../views/text.ts';

export interface LogOptions {
  revision?: string;
  lines: number;
  follow: boolean;
}

/** Shows what the processes of a revision print; a reader that has seen enough is no error. */
export async function logs(session: Session, service: string, options: LogOptions): Promise<number> {
  const { lines, follow } = options;
  const revision = options.revision === undefined ? {} : { revision: readRevision(options.revision) };
  const query: LogQuery = { lines, follow, ...revision };
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const unread = session.context.stdout.gone;
      const ended = await runUntilCut(session, { unread }, (signal) => show(session, client, key, query, signal));
      return 'cut' in ended && ended.cut !== 'unread' ? exitCodeOfCut(ended.cut) : EXIT.ok.code;
    }),
  );
}

async function show(
  session: Session,
  client: SupplantClient,
  service: ServiceKey,
  query: LogQuery,
  signal: AbortSignal,
): Promise<void> {
  let printer: Printer | undefined;
  for await (const part of client.logs(service, query, signal)) {
    if (signal.aborted) return;
    if (part.kind === 'places') {
      printer = new Printer(session, part);
      sayWhere(session, service, part);
    } else printer?.print(part.process, part.lines);
  }
  if (query.follow && !signal.aborted)
    session.terminal.progress(line(span('The logs end here: the revision is gone.', 'faint')));
}

function sayWhere({ terminal }: Session, service: ServiceKey, { revision, host, logs: places }: Places): void {
  const what = `${formatRevisionName(revision)} of ${formatServiceId(service)}`;
  terminal.progress(
    ...places.map(({ process, path }) => line(span(`${what}, ${process}: ${path} on ${host}`, 'faint'))),
  );
}

type Places = LogPart & { kind: 'places' };

class Printer {
  readonly #session: Session;
  readonly #revision: number;
  /** Cells for a process's name; 0 where there is only one to tell apart. */
  readonly #cells: number;

  constructor(session: Session, { revision, logs: places }: Places) {
    this.#session = session;
    this.#revision = revision;
    this.#cells = places.length > 1 ? Math.max(...places.map(({ process }) => process.length)) : 0;
  }

  print(process: string, lines: readonly string[]): void {
    const { stdout } = this.#session.context;
    const { json } = this.#session.terminal;
    const prefix = this.#cells === 0 ? '' : `${pad(process, this.#cells)} | `;
    const document = (text: string): string =>
      JSON.stringify({ revision: formatRevisionName(this.#revision), process, line: text });
    const text = lines.map((each) => (json ? document(each) : prefix + (stdout.isTTY ? harmless(each) : each)));
    stdout.write(`${text.join('\n')}\n`);
  }
}

/** What a program prints must not move the reader's cursor. Files and pipes get it as it is. */
function harmless(text: string): string {
  // eslint-disable-next-line no-control-regex
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
