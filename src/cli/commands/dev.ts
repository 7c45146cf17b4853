import { resolve } from 'node:path';
import type { DevInfo } from '../../dev/dev.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { DEFAULT_DATA, type Session } from '../session.ts';
import { type StateOption, readStateOf } from '../state-option.ts';
import { storeOption } from '../store-option.ts';
import { facts } from '../views/facts.ts';
import type { Frame } from '../views/frame.ts';
import { type Line, line, span } from '../views/text.ts';
import { listenOption } from './server.ts';

export interface DevCommandOptions extends StateOption {
  listen?: string;
  access?: string;
  blueprint?: string[];
  haproxy?: boolean;
}

/** Runs all of Supplant on this machine until interrupted; a second interruption ends it at once. */
export async function dev(
  session: Session,
  options: DevCommandOptions,
  exitNow: (code: number) => void,
): Promise<number> {
  const listen = options.listen === undefined ? undefined : listenOption(options.listen);
  const { context, dataDir, terminal } = session;
  const store = storeOption(session, options);
  // A worker would say it too late, and in its log.
  readStateOf(session, options);
  const elsewhere = dataDir !== resolve(context.workingDirectory, context.env.SUPPLANT_DATA ?? DEFAULT_DATA);
  const controller = new AbortController();
  using _listening = context.onInterrupt((signal) => {
    if (controller.signal.aborted) exitNow(exitCodeOfSignal(signal));
    terminal.progress(line(span('Ending; services keep running. Ctrl-C again ends it at once.', 'busy')));
    controller.abort();
  });
  return await context.runDev({
    dataDir,
    ...(store === undefined ? {} : { store }),
    ...(options.state === undefined ? {} : { state: options.state }),
    ...(listen ? { listen } : {}),
    ...(options.access === undefined ? {} : { accessFile: options.access }),
    ...(options.haproxy ? { haproxy: true } : {}),
    ...(options.blueprint && { blueprints: options.blueprint.map((path) => resolve(context.workingDirectory, path)) }),
    signal: controller.signal,
    log: (text) => terminal.progress(line(span(text, 'faint'))),
    onReady: (info) =>
      terminal.json
        ? context.stdout.write(`${JSON.stringify(info)}\n`)
        : terminal.data(readyLines(info, terminal.frame(), elsewhere)),
  });
}

/** `elsewhere`: other commands do not find the state by themselves. */
export function readyLines(info: DevInfo, frame: Frame, elsewhere = false): Line[] {
  return [
    line(span('Supplant runs here.', 'good')),
    [],
    ...facts(
      [
        { name: 'UI', value: info.temporalUi, tone: 'accent' },
        { name: 'API', value: info.api },
        ...(info.tokenFile === undefined ? [] : [{ name: 'Token', value: info.tokenFile }]),
        { name: 'Temporal', value: `${info.temporalAddress}, namespace ${info.namespace}` },
        { name: 'Router', value: info.routerSocket },
        ...(info.haproxySocket === undefined ? [] : [{ name: 'HAProxy', value: info.haproxySocket }]),
        { name: 'State', value: info.dataDir },
        ...(info.store.startsWith(info.dataDir) ? [] : [{ name: 'Store', value: info.store }]),
      ],
      frame,
    ),
    [],
    line('Next, in another terminal:'),
    line(
      span(
        `  npx supplant apply -f examples/web/supplant.yaml${elsewhere ? ` --data ${shellWord(info.dataDir)}` : ''}`,
        'accent',
      ),
    ),
    line(span('Ctrl-C ends it; services keep running, and serve again when it is back.', 'faint')),
  ];
}

/** As it can be typed in a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
