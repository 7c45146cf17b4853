import type { DevInfo } from '../../dev/dev.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { facts } from '../views/facts.ts';
import type { Frame } from '../views/frame.ts';
import { type Line, line, span } from '../views/text.ts';

/** Runs all of Supplant on this machine until interrupted; a second interruption ends it at once. */
export async function dev(session: Session, exitNow: (code: number) => void): Promise<number> {
  const { context, dataDir, terminal } = session;
  const controller = new AbortController();
  using _listening = context.onInterrupt(() => {
    if (controller.signal.aborted) exitNow(EXIT.interrupted.code);
    terminal.progress(line(span('Ending; services keep running. Ctrl-C again ends it at once.', 'busy')));
    controller.abort();
  });
  return await context.runDev({
    dataDir,
    signal: controller.signal,
    log: (text) => terminal.progress(line(span(text, 'faint'))),
    onReady: (info) =>
      terminal.json
        ? context.stdout.write(`${JSON.stringify(info)}\n`)
        : terminal.data(readyLines(info, terminal.frame())),
  });
}

export function readyLines(info: DevInfo, frame: Frame): Line[] {
  return [
    line(span('Supplant runs here.', 'good')),
    [],
    ...facts(
      [
        { name: 'UI', value: info.temporalUi, tone: 'accent' },
        { name: 'Temporal', value: `${info.temporalAddress}, namespace ${info.namespace}` },
        { name: 'Router', value: info.routerSocket },
        { name: 'State', value: info.dataDir },
      ],
      frame,
    ),
    [],
    line('Next, in another terminal:'),
    line(span('  npx supplant apply -f examples/web/supplant.yaml', 'accent')),
    line(span('Ctrl-C ends it; services keep running and serving.', 'faint')),
  ];
}
