import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import type { CommandTask, ReleaseDescription } from '../../activities/commands.ts';
import type { Asked } from '../../domain/service/requests.ts';
import { findRevisionInQuestion } from '../../domain/service/decisions/decide-request.ts';
import type { Facts } from '../../domain/service/decisions/decision.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import type { ServiceContext } from './context.ts';
import { failureText, looking, localFirst } from '../shared/activities.ts';
import { noteTime } from '../shared/recorded-time.ts';

/**
 * What the release that a command asks for would be.
 *
 * @throws ApplicationFailure `Invalid` with all that its blueprint does not take
 */
export async function describeCommand({ state }: ServiceContext, command: string): Promise<ReleaseDescription> {
  const task = { service: state.key, command };
  const found = await look(task);
  const { faults } = found;
  if (faults.length === 0) return found;
  const message = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  throw ApplicationFailure.create({ type: 'Invalid', message, nonRetryable: true, details: [{ faults }] });
}

async function look(task: CommandTask): Promise<ReleaseDescription> {
  try {
    const found = await looking.describe.executeWithOptions({ summary: 'does its blueprint take this?' }, [task]);
    noteTime(Date.now());
    return found;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    if (error.cause instanceof ApplicationFailure) throw error.cause;
    const message = `nobody could look at this release in time: ${failureText(error)}`;
    throw ApplicationFailure.create({ type: 'Unavailable', message, nonRetryable: true });
  }
}

/** What is recorded of the revision that a rollback leads to, where it does not stand. */
export async function readRecordedRevision(context: ServiceContext, asked: Asked): Promise<Pick<Facts, 'revision'>> {
  for (;;) {
    const number = findRevisionInQuestion(context.state, asked);
    if (number === undefined) return {};
    const task = { service: context.state.key, number };
    const revision = await localFirst('recallRevision', `what is recorded of ${formatRevisionName(number)}`, [task]);
    // The end of a rollout may have made it another one meanwhile.
    if (findRevisionInQuestion(context.state, asked) === number) return revision ? { revision } : {};
  }
}

/** Whether the rollout that runs has settled, where a rollback would end it. */
export async function settled({ state }: ServiceContext, asked: Asked): Promise<Pick<Facts, 'isSettled'>> {
  const { key: service, running } = state;
  if (asked.kind !== 'rollback' || running?.kind !== 'deploy') return {};
  const ref = { service, number: running.number, actor: running.actor };
  const found = await localFirst('reached', `how far has rollout ${running.number} come?`, [{ ref }]);
  return { isSettled: found.settled };
}
