import { ApplicationFailure, condition, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { readPutBackReport, readTeardownNotice } from '../../domain/service/messages.ts';
import type { CommandRef, Receipt } from '../../domain/service/requests.ts';
import { formatRevisionName } from '../../domain/service/revision.ts';
import { applyTeardownReport, applyPutBack, withoutDeparting } from '../../domain/service/state.ts';
import { buildServiceStatus } from '../../domain/service/status.ts';
import {
  catchUpSignal,
  dryRunUpdate,
  noteUpdate,
  putBackReportSignal,
  requestUpdates,
  serviceStatusQuery,
  teardownReportSignal,
} from '../shared/messages.ts';
import { RECORDED_COMMAND, createBusyFailure, requireOnTime } from '../shared/refusals.ts';
import { SEARCH_ATTRIBUTES } from '../shared/search-attributes.ts';
import type { ServiceContext } from './context.ts';
import { lookAtRecord, readCommand } from './commands.ts';
import { carryOutServiceCommand, rehearseServiceCommand } from './service-commands.ts';
import { answerRequest, rehearseRequest } from './requests.ts';
import { isStepInPlace, localFirst } from '../shared/activities.ts';

/** Events until the first workflow task of a run begins. */
const BEGINNING = 3;

/** After this many failed attempts at a teardown a person should look. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/** Where requests come in. They are answered at once with a receipt; the rollout itself is waited for elsewhere. */
export function registerHandlers(context: ServiceContext): void {
  const answers = new Answers(context);
  setHandler(serviceStatusQuery, () => buildServiceStatus(context.state) ?? null, {
    description: 'Live and warm revisions, the running rollout, the queue, stacks in quarantine',
  });
  setHandler(teardownReportSignal, (report) => heard(context, report), {
    description: 'From teardowns; not for people',
  });
  setHandler(catchUpSignal, () => lookAtRecord(context), {
    description: 'From a worker that looks after services; not for people',
  });
  setHandler(putBackReportSignal, (report) => heardPutBack(context, report), {
    description: 'From the running rollout; not for people',
  });
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const update = requestUpdates[name as keyof typeof requestUpdates];
    setHandler(update, (ref) => answers.of(ref, name), { validator: admit, description });
  }
  setHandler(
    noteUpdate,
    async ({ command }) => {
      await condition(() => context.isOpen);
      return carryOutServiceCommand(context, await readCommand(context, command, 'note'));
    },
    {
      validator: admit,
      description: `Take a rollout out of the queue, pin or unpin a revision, mark one bad. ${RECORDED_COMMAND}`,
    },
  );
  setHandler(dryRunUpdate, (ref) => dryRun(context, ref), {
    validator: admit,
    description: `What any of these would be answered now; nothing is done. ${RECORDED_COMMAND}`,
  });
}

/**
 * Refused here a command leaves no trace in the history. What was accepted while a step is in place would be an event before the step's
 * end, which a replay hears of before that.
 */
function admit(ref: CommandRef): void {
  requireOnTime(ref);
  // With what begins the workflow a request comes in time wherever it is replayed.
  if (isStepInPlace() && workflowInfo().historyLength > BEGINNING) throw createBusyFailure();
}

/** The same decision that the request would get. */
async function dryRun(context: ServiceContext, { command }: CommandRef): Promise<Receipt | string> {
  await condition(() => context.isOpen);
  const { note: asked, request, ...reading } = await readCommand(context, command, 'dryRun');
  if (asked) return rehearseServiceCommand(context, { ...reading, note: asked });
  if (request) return rehearseRequest(context, { ...reading, request });
  throw ApplicationFailure.create({ type: 'Invalid', message: 'nothing is asked for', nonRetryable: true });
}

const DESCRIPTIONS: Record<keyof typeof requestUpdates, string> = {
  apply: `Make the service be as described. ${RECORDED_COMMAND}`,
  deploy: `A new revision with another artifact. ${RECORDED_COMMAND}`,
  rollback: `Back to a revision, or to the one before. ${RECORDED_COMMAND}`,
  restart: `A fresh revision of the same release. ${RECORDED_COMMAND}`,
  remove: `Take the service away, its route and all its stacks. ${RECORDED_COMMAND}`,
};

/** Two callers with one request id get one answer, even while it is being worked out. */
class Answers {
  readonly #context: ServiceContext;
  readonly #pending = new Map<string, Promise<Receipt>>();

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  async of({ command }: CommandRef, kind: string): Promise<Receipt> {
    await condition(() => this.#context.isOpen);
    const first = await readCommand(this.#context, command, kind);
    const { requestId } = first.change;
    const working = this.#pending.get(requestId);
    await working?.catch(() => undefined);
    const answering = answerRequest(this.#context, first);
    this.#pending.set(requestId, answering);
    try {
      return await answering;
    } finally {
      if (this.#pending.get(requestId) === answering) this.#pending.delete(requestId);
    }
  }
}

/** Anyone who reaches Temporal can say that a stack is gone. The record says whether it is. */
async function heard(context: ServiceContext, message: unknown): Promise<void> {
  const notice = readTeardownNotice(message);
  if (!notice) return context.ignored.add(teardownReportSignal.name);
  // What is recalled does not know of it.
  await condition(() => context.isOpen);
  const task = { service: context.state.key, ...notice };
  const found = await localFirst(
    'recallTeardown',
    `how the teardown of ${formatRevisionName(notice.revision)} stands`,
    [task],
  );
  if (found.quarantine) context.state = applyTeardownReport(context.state, { ...found.quarantine, gone: false });
  else if (found.isGone) context.state = withoutDeparting(context.state, notice.revision);
  else return context.ignored.add(teardownReportSignal.name, 'the record says nothing of the kind');
  const needsHuman = context.state.departing.some((stack) => stack.attempts >= ATTEMPTS_BEFORE_HUMAN);
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needsHuman }]);
  return undefined;
}

async function heardPutBack(context: ServiceContext, message: unknown): Promise<void> {
  const report = readPutBackReport(message);
  if (!report) return context.ignored.add(putBackReportSignal.name);
  // What is recalled does not know of it.
  await condition(() => context.isOpen);
  const { key: service, running } = context.state;
  if (running?.number !== report.rollout) return undefined;
  const ref = { service, number: running.number, actor: running.actor };
  const { putBack } = await localFirst('reached', `is rollout ${running.number} put back?`, [{ ref }]);
  if (putBack === undefined)
    return context.ignored.add(putBackReportSignal.name, 'the record says nothing of the kind');
  context.state = applyPutBack(context.state, { rollout: running.number, stage: putBack });
  return undefined;
}
