import type { CommandReading } from '../../activities/commands.ts';
import type { ServiceCommand } from '../../domain/service/requests.ts';
import { refuseLate } from '../shared/refusals.ts';
import type { ServiceContext } from './context.ts';
import { localFirst } from '../shared/activities.ts';

type Read<Kind extends string> = CommandReading &
  (Kind extends 'note'
    ? { note: ServiceCommand }
    : Kind extends 'dryRun'
      ? unknown
      : { request: NonNullable<CommandReading['request']> });

/**
 * A command as it is recorded.
 *
 * @throws ApplicationFailure `NotRecorded` where there is none under the name: the sender is no gateway of this
 *   installation, and that it was tried is recorded
 */
export async function readCommand<Kind extends string>(
  { state }: ServiceContext,
  command: string,
  kind: Kind,
): Promise<Read<Kind>> {
  const reading = await localFirst('readCommand', `what is asked for (${kind})`, [
    { service: state.key, command, kind },
  ]);
  refuseLate(reading.change);
  return reading as Read<Kind>;
}
