import proto from '@temporalio/proto';
import type { Change, Note } from '../../src/domain/requests.ts';
import type { RolloutKind } from '../../src/domain/rollout.ts';
import type { ServiceSpec } from '../../src/domain/service.ts';
import type { RecordedHistory } from './histories.ts';

const { EventType } = proto.temporal.api.enums.v1;
type Event = proto.temporal.api.history.v1.IHistoryEvent;
type Payloads = proto.temporal.api.common.v1.IPayloads;

/** What recorded histories show of the workflows: each is `sort: name`, as `update of service: apply`. */
export function contents(histories: readonly RecordedHistory[]): Set<string> {
  return new Set(
    histories.flatMap(({ history }) => {
      const events = history.events ?? [];
      const workflow = events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
      return [
        `workflow: ${workflow}`,
        ...events.flatMap((event) => [...heard(workflow, event), ...done(workflow, event)]),
      ];
    }),
  );
}

/** What came in from outside. */
function heard(workflow: string, event: Event): string[] {
  const begun = event.workflowExecutionStartedEventAttributes;
  if (begun && workflow === 'rollout') return [`kind: ${first<{ kind: RolloutKind }>(begun.input).kind}`];
  const signal = event.workflowExecutionSignaledEventAttributes?.signalName;
  if (signal) return [`signal to ${workflow}: ${signal}`];
  const input = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (!input) return [];
  const update = `update of ${workflow}: ${input.name}`;
  const { note, spec } = first<{ note?: Note; spec?: ServiceSpec; change: Change }>(input.args);
  return [update, ...(note ? [`note: ${note.kind}`] : []), ...(spec ? [`policy: ${spec.concurrency ?? 'queue'}`] : [])];
}

/** What it asked Temporal for that bounds a run. */
function done(workflow: string, event: Event): string[] {
  const isNew = event.eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW;
  return isNew ? [`new run of: ${workflow}`] : [];
}

/** The only argument; nothing where there is none. */
function first<T extends object>(payloads: Payloads | null | undefined): Partial<T> {
  const data = payloads?.payloads?.[0]?.data;
  return data ? (JSON.parse(Buffer.from(data).toString('utf8')) as T) : {};
}
