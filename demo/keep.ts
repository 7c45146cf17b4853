import { facts } from '../src/cli/views/facts.ts';
import type { Frame } from '../src/cli/views/frame.ts';
import { type Line, line, span } from '../src/cli/views/text.ts';
import { type ExperimentKey, formatExperimentId } from '../src/domain/experiment/experiment.ts';
import { type ServiceKey, formatServiceId } from '../src/domain/service/service.ts';

export interface Kept {
  dataDir: string;
  service: ServiceKey;
  experiment: ExperimentKey;
  temporalUi: string;
}

/** How to look around while everything is left running. */
export function keepLines({ dataDir, service, experiment, temporalUi }: Kept, frame: Frame): Line[] {
  const command = (text: string): Line => line(span(`  npx supplant ${text} --data ${dataDir}`, 'accent'));
  return [
    [],
    line(span('Everything is left running. Look around, in another terminal in the checkout:', 'good')),
    command(`status ${formatServiceId(service)}`),
    command(`history ${formatServiceId(service)}`),
    command(`why ${formatServiceId(service)} 3`),
    command(`results show ${formatExperimentId(experiment)}`),
    command('audit verify'),
    ...facts([{ name: 'UI', value: temporalUi, tone: 'accent' }], frame),
    line(span('Ctrl-C here removes the service and ends everything.', 'faint')),
  ];
}
