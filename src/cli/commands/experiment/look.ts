import { EXIT } from '../../exit-codes.ts';
import { onExperiment } from '../../experiment-argument.ts';
import { type Session, withClient } from '../../session.ts';
import { renderExperiment, renderExperiments } from '../../views/experiment/experiment.ts';
import { renderRunHistory } from '../../views/experiment/history.ts';
import { renderRun } from '../../views/experiment/run.ts';
import { line, wrap } from '../../views/text.ts';
import { chooseRun } from './ask.ts';

/** Widest text of sentences: longer lines are hard to read. */
const READABLE = 100;

export async function listExperiments(session: Session): Promise<number> {
  return withClient(session, async (client) => {
    const experiments = await client.experiments.list();
    session.terminal.result('experiments', { experiments }, (frame) => renderExperiments(experiments, frame));
    return EXIT.ok.code;
  });
}

export async function experimentStatus(session: Session, name: string, run: string | undefined): Promise<number> {
  const choice = chooseRun(run);
  const { terminal } = session;
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      if (choice.run === undefined) {
        const view = await client.experiments.view(key);
        terminal.result('experiment', view, (frame) => renderExperiment(view, frame));
      } else {
        const view = await client.experiments.viewRun({ experiment: key, ...choice });
        terminal.result('run', { run: view }, (frame) => renderRun(view, frame));
      }
      return EXIT.ok.code;
    }),
  );
}

export async function experimentHistory(session: Session, name: string, options: { limit: number }): Promise<number> {
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      const runs = await client.experiments.listRuns(key, options);
      session.terminal.result('runs', { runs }, (frame) => renderRunHistory(runs, frame));
      return EXIT.ok.code;
    }),
  );
}

export async function whyRun(session: Session, name: string, run: string | undefined): Promise<number> {
  const choice = chooseRun(run);
  return withClient(session, (client) =>
    onExperiment(client, name, async (key) => {
      const view = await client.experiments.viewRun({ experiment: key, ...choice });
      session.terminal.result('run', { run: view }, (frame) =>
        view.sentences.flatMap((text) => wrap(text, Math.min(frame.width, READABLE)).map((part) => line(part))),
      );
      return EXIT.ok.code;
    }),
  );
}
