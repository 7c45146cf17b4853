import { ApplicationFailure } from '@temporalio/workflow';
import type { LeasedRun, ProbeRef } from '../../activities/experiment/leases.ts';
import type { Finding } from '../../activities/experiment/probes.ts';
import type { Stage } from '../../domain/experiment/drill/stages.ts';
import { localFirst, longRunning, lookOn } from '../shared/activities.ts';
import type { RunContext } from './context.ts';

/** A variant that did not pass a check. */
export interface Failing extends Finding {
  probe: string;
}

/**
 * One probe after the other, each of all variants at the same time, so that they are measured alike. Returns who failed:
 * what is still to be measured is, so that whoever reads the results sees everything.
 */
export async function probeAll(run: RunContext, stage: Stage, { probes }: LeasedRun): Promise<Failing[]> {
  const failing: Failing[] = [];
  for (const [index, probe] of probes.entries()) {
    run.progress.wait(describeProbe(stage, probe, index + 1, probes.length));
    const found = await probeOnce(run, stage, probe);
    failing.push(...found.filter(({ passed }) => passed === false).map((each) => ({ ...each, probe: probe.name })));
  }
  run.progress.wait(undefined);
  return failing;
}

function probeOnce(run: RunContext, stage: Stage, { name, lastsMs }: ProbeRef): Promise<Finding[]> {
  const variants = run.variantsOf(stage).map((each) => ({ name: each.name, endpoints: each.endpoints }));
  const whose = stage.place ? `variant ${stage.variants.join(', ')}` : 'all variants';
  const task = { ...run.common, probe: name, variants };
  const options = { summary: `probe ${name} of ${whose}` };
  return lookOn(() => longRunning(lastsMs).probeVariants.executeWithOptions(options, [task]));
}

function describeProbe({ place }: Stage, { name, lastsMs }: ProbeRef, number: number, of: number) {
  const since = new Date();
  const what = of === 1 ? `probe ${name}` : `probe ${name}, ${number} of ${of}`;
  return {
    on: place ? `${what}, of ${place.tried} (${place.label})` : what,
    since: since.toISOString(),
    until: new Date(since.getTime() + lastsMs).toISOString(),
    endedBy: 'stop',
    then: number < of ? 'the next probe follows' : place ? 'the drill goes on' : 'what was found is compared',
  };
}

/** What was found of the variants, held against each other. */
export function compareAll(run: RunContext): Promise<string> {
  return localFirst('compareRun', 'hold what was found against the baseline', [run.common]);
}

/** A check that was not passed fails the run. */
export function refuseFailing(failing: readonly Failing[]): void {
  if (failing.length === 0) return;
  const message = failing
    .map(({ probe, variant, words }) => `probe ${probe} of variant ${variant} ${words}`)
    .join('; ');
  throw ApplicationFailure.create({ type: 'CheckFailed', message, nonRetryable: true });
}
