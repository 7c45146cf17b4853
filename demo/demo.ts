import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { CommandContext } from '../src/cli/context.ts';
import { EXIT } from '../src/cli/exit-codes.ts';
import type { DataFolder } from '../src/data-folder.ts';
import type { ServiceSpec } from '../src/domain/service/service.ts';
import {
  type ExperimentChapter,
  type RolloutChapter,
  demoService,
  experimentChapter,
  rolloutChapters,
} from './chapters.ts';
import { claimFolder, releaseFolder } from './claim.ts';
import { countLeftovers, deleteExperiment, inspectRecord, removeService } from './finish.ts';
import { Interrupted, Interrupts } from './interrupts.ts';
import { keepLines } from './keep.ts';
import { leftovers } from './leftovers.ts';
import { orAborted } from './or-aborted.ts';
import type { DemoOptions } from './options.ts';
import { reportOf } from './findings.ts';
import { type DemoReport, reportText } from './report.ts';
import { Stage } from './stage.ts';
import { play } from './story.ts';
import { endingLines, summaryLines } from './summary.ts';
import { System } from './system.ts';

const REPORT = 'demo-report.json';

interface Demo {
  folder: DataFolder;
  spec: ServiceSpec;
  rollouts: RolloutChapter[];
  experiment: ExperimentChapter;
  stage: Stage;
  system: System;
  interrupts: Interrupts;
  context: CommandContext;
  keep: boolean;
}

/**
 * Plays the demo and returns its exit code. Whatever happens, nothing that it started goes on.
 * @throws Error fit to show when it cannot have its data folder
 */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<number> {
  const reportFile = join(context.workingDirectory, REPORT);
  // An earlier run's must not be taken for this one's.
  await rm(reportFile, { force: true });
  const folder = await claimFolder(options.dataDir, (text) => context.stdout.write(`${text}\n`));
  using interrupts = new Interrupts(context);
  const spec = demoService();
  const rollouts = rolloutChapters(spec);
  const experiment = experimentChapter();
  const stage = new Stage(context, [...rollouts, experiment]);
  const system = new System(folder, (error) => interrupts.abort(error));
  interrupts.onRepeated = () => system.hurry();
  try {
    const demo = { folder, spec, rollouts, experiment, stage, system, interrupts, context, keep: options.keep };
    const report = await orAborted(perform(demo), interrupts.signal);
    await writeFile(reportFile, reportText(report));
    stage.close();
    stage.print((frame) => summaryLines(report, { report: reportFile, logs: folder.logs }, frame));
    await leave(demo, report.ok);
    return report.ok ? 0 : 1;
  } catch (error) {
    const { signal } = interrupts;
    const interrupted = signal.reason instanceof Interrupted;
    stage.meanwhile(interrupted ? 'Interrupted: ending all that was started' : 'Ending all that was started');
    await leave({ folder, system }, interrupted);
    const left = await leftovers(folder);
    stage.close();
    stage.print(() => endingLines(left));
    if (interrupted) return EXIT.interrupted.code;
    throw signal.aborted ? signal.reason : error;
  }
}

async function perform(demo: Demo): Promise<DemoReport> {
  const { folder, spec, rollouts, experiment, stage, system, interrupts } = demo;
  const { signal } = interrupts;
  stage.meanwhile('Starting supplant dev');
  const { load, client, router, ui } = await system.start(signal);
  stage.runsAt(ui);
  const cast = { folder, service: spec.service, rollouts, experiment, client, router, load, stage, signal };
  const story = await play(cast);
  const kept = demo.keep ? await lookAround(demo, ui) : 0;
  stage.meanwhile('Removing the service and the experiment');
  await deleteExperiment(client, experiment.spec.experiment);
  const removal = await removeService(client, spec.service, signal);
  stage.meanwhile('Ending supplant dev');
  const dev = await system.stop();
  const left = await countLeftovers(folder);
  const record = await inspectRecord(folder);
  return reportOf({ story, removal, dev, left, record, seconds: (stage.elapsedMs - kept) / 1000 });
}

/** Waits for Ctrl-C; returns for how long, in milliseconds. */
async function lookAround(demo: Demo, temporalUi: string): Promise<number> {
  const { folder, stage, spec, interrupts, context } = demo;
  const began = stage.elapsedMs;
  stage.pause();
  const dataDir = relative(context.workingDirectory, folder.root);
  const kept = {
    dataDir: dataDir.startsWith('..') ? folder.root : dataDir,
    service: spec.service,
    experiment: demo.experiment.spec.experiment,
    temporalUi,
  };
  stage.print((frame) => keepLines(kept, frame));
  await interrupts.next();
  // The terminal has just echoed ^C.
  if (context.stdout.isTTY) context.stdout.write('\n');
  stage.resume();
  return stage.elapsedMs - began;
}

/** Nothing of the demo goes on; its files stay where they may explain what went wrong. */
async function leave({ folder, system }: Pick<Demo, 'folder' | 'system'>, well: boolean): Promise<void> {
  await system.end();
  if (well) await releaseFolder(folder);
}
