import { condition, currentUpdateInfo, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { Change, Request, TeardownReport, Ticket } from '../domain/requests.ts';
import { serviceStatus } from '../domain/service-status.ts';
import { noteUpdate, requestUpdates, serviceStatusQuery, teardownReportSignal } from './messages.ts';
import { onTime } from './refusals.ts';
import { SEARCH_ATTRIBUTES } from './search-attributes.ts';
import type { ServiceDesk } from './service-desk.ts';
import { note } from './service-notes.ts';
import { answer } from './service-requests.ts';

/** After this many failed attempts at a teardown a person should look. */
const ATTEMPTS_BEFORE_HUMAN = 3;

/** Where requests come in. They are answered at once with a ticket; the rollout itself is waited for elsewhere. */
export function receive(desk: ServiceDesk): void {
  const answers = new Answers(desk);
  setHandler(serviceStatusQuery, () => serviceStatus(desk.state) ?? null, {
    description: 'Live and warm revisions, the running rollout, the queue, stacks in quarantine',
  });
  setHandler(teardownReportSignal, (report) => heard(desk, report), {
    description: 'From teardowns; not for people',
  });
  setHandler(requestUpdates.apply, ({ spec, change }) => answers.of({ kind: 'apply', spec }, change), {
    validator: onTime,
    description: 'Make the service be as described: {spec, change: {actor, reason?, requestId}}',
  });
  setHandler(requestUpdates.deploy, ({ artifact, change }) => answers.of({ kind: 'deploy', artifact }, change), {
    validator: onTime,
    description: 'A new revision with another artifact: {artifact, change: {actor, reason?, requestId}}',
  });
  setHandler(
    requestUpdates.rollback,
    ({ to, change }) => answers.of({ kind: 'rollback', ...(to === undefined ? {} : { to }) }, change),
    {
      validator: onTime,
      description: 'Back to revision {to}, or to the one before: {to?, change: {actor, reason?, requestId}}',
    },
  );
  setHandler(requestUpdates.remove, ({ change }) => answers.of({ kind: 'remove' }, change), {
    validator: onTime,
    description: 'Take the service away, its route and all its stacks: {change: {actor, reason?, requestId}}',
  });
  setHandler(
    noteUpdate,
    async ({ note: asked, change }) => {
      await condition(() => desk.isOpen);
      return note(desk, asked, identified(change));
    },
    {
      validator: onTime,
      description: 'Take a rollout out of the queue, pin or unpin a revision, mark one bad: {note, change}',
    },
  );
}

/** Two callers with one request id get one answer, even while it is being worked out. */
class Answers {
  readonly #desk: ServiceDesk;
  readonly #pending = new Map<string, Promise<Ticket>>();

  constructor(desk: ServiceDesk) {
    this.#desk = desk;
  }

  async of(request: Request, change: Change): Promise<Ticket> {
    const known = identified(change);
    const { requestId } = known;
    await condition(() => this.#desk.isOpen);
    const working = this.#pending.get(requestId);
    if (working) await working.catch(() => undefined);
    const answering = answer(this.#desk, request, known);
    this.#pending.set(requestId, answering);
    try {
      return await answering;
    } finally {
      this.#pending.delete(requestId);
    }
  }
}

function heard(desk: ServiceDesk, report: TeardownReport): void {
  const others = desk.state.departing.filter((stack) => stack.revision !== report.revision);
  desk.state = { ...desk.state, departing: report.gone ? others : [...others, report] };
  const needsHuman = desk.state.departing.some((stack) => stack.attempts >= ATTEMPTS_BEFORE_HUMAN);
  upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.needsHuman, value: needsHuman }]);
}

/** Whoever asks in the Temporal UI gives no request id; the update's own is one. */
function identified(change: Change): Change {
  return { ...change, requestId: change.requestId || (currentUpdateInfo()?.id ?? '') };
}
