import { facts } from '../cli/views/facts.ts';
import type { Frame } from '../cli/views/frame.ts';
import { type Line, line, span } from '../cli/views/text.ts';
import { type ServiceKey, serviceId } from '../domain/service.ts';

export interface Kept {
  dataDir: string;
  service: ServiceKey;
  temporalUi: string;
}

/** How to look around while everything is left running. */
export function keepLines({ dataDir, service, temporalUi }: Kept, frame: Frame): Line[] {
  const command = (text: string): Line => line(span(`  npx supplant ${text} --data ${dataDir}`, 'accent'));
  return [
    [],
    line(span('Everything is left running. Look around, in another terminal in the checkout:', 'good')),
    command(`status ${serviceId(service)}`),
    command(`history ${serviceId(service)}`),
    command(`why ${serviceId(service)} 3`),
    command('audit verify'),
    ...facts([{ name: 'UI', value: temporalUi, tone: 'accent' }], frame),
    line(span('Ctrl-C here removes the service and ends everything.', 'faint')),
  ];
}
