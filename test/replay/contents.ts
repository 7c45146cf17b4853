import proto from '@temporalio/proto';
import type { CommandReading, ReleaseDescription } from '../../src/activities/commands.ts';
import type { RolloutKind } from '../../src/domain/rollout/rollout.ts';
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
        ...events.flatMap((event) => [...heard(workflow, event), ...read(event), ...done(workflow, event)]),
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
  return input ? [`update of ${workflow}: ${input.name}`] : [];
}

/** What was asked, which a service's workflow reads from the record. */
function read(event: Event): string[] {
  const { note, asked } = first<Partial<CommandReading & ReleaseDescription>>(resultOf(event));
  const policy = asked && `policy: ${asked.spec.settings.concurrency ?? 'queue'}`;
  return [...(note ? [`note: ${note.kind}`] : []), ...(policy === undefined ? [] : [policy])];
}

/** Of a step in place, or of an ordinary activity. */
function resultOf(event: Event): Payloads | null | undefined {
  return event.markerRecordedEventAttributes?.details?.result ?? event.activityTaskCompletedEventAttributes?.result;
}

/** What it asked Temporal for that bounds a run. */
function done(workflow: string, event: Event): string[] {
  const isNew = event.eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW;
  return isNew ? [`new run of: ${workflow}`] : [];
}

/** The only argument; nothing where there is none. */
function first<T extends object>(payloads: Payloads | null | undefined): Partial<T> {
  const text = Buffer.from(payloads?.payloads?.[0]?.data ?? []).toString('utf8');
  return text.startsWith('{') ? (JSON.parse(text) as T) : {};
}
