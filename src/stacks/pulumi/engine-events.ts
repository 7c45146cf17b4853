import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StackPlan, StackProgress } from '../driver.ts';

export const ROOT_TYPE = 'pulumi:pulumi:Stack';
const MESSAGE_CHARS = 200;

export interface Diagnostic {
  urn: string;
  message: string;
}

/** Follows an operation by its engine events: how far it is, what it changed, and what went wrong. */
export class EventLog {
  readonly #operation: StackProgress['operation'];
  readonly #onProgress: (progress: StackProgress) => void;
  readonly #inProgress = new Set<string>();
  #done = 0;
  #message: string | undefined;
  /** When the last event came, on `performance.now`'s clock. */
  lastAt = performance.now();
  readonly errors: Diagnostic[] = [];
  readonly failedResources: string[] = [];
  readonly plan: StackPlan = { changes: {}, lines: [] };

  constructor(operation: StackProgress['operation'], onProgress: (progress: StackProgress) => void) {
    this.#operation = operation;
    this.#onProgress = onProgress;
  }

  get stepsInFlight(): number {
    return this.#inProgress.size;
  }

  note(event: EngineEvent): void {
    this.lastAt = performance.now();
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent } = event;
    if (resourcePreEvent) this.#begun(resourcePreEvent.metadata);
    else if (resOutputsEvent) this.#finished(resOutputsEvent.metadata);
    else if (resOpFailedEvent) this.#failed(resOpFailedEvent.metadata);
    else if (diagnosticEvent) this.#said(diagnosticEvent);
    else if (summaryEvent) Object.assign(this.plan.changes, summaryEvent.resourceChanges);
    else return;
    this.#report();
  }

  #begun({ op, urn, type }: { op: string; urn: string; type: string }): void {
    if (type === ROOT_TYPE) return;
    if (this.#operation !== 'refresh') this.#plan(op, urn, type);
    this.#inProgress.add(urn);
  }

  #finished({ op, urn, type }: { op: string; urn: string; type: string }): void {
    if (type === ROOT_TYPE || !this.#inProgress.delete(urn)) return;
    // Only now is it known what has become of a resource that was read again.
    if (this.#operation === 'refresh') this.#plan(op, urn, type);
    this.#done += 1;
  }

  #plan(op: string, urn: string, type: string): void {
    if (op !== 'same' && op !== 'refresh') this.plan.lines.push(`${op} ${resourceName(urn)} (${type})`);
  }

  #failed({ urn }: { urn: string }): void {
    this.#inProgress.delete(urn);
    this.failedResources.push(urn);
  }

  #said({ urn = '', message, severity }: { urn?: string; message: string; severity: string }): void {
    const text = message.trim();
    if (severity === 'error') this.errors.push({ urn, message: text });
    if (severity === 'error' || severity === 'warning') this.#message = firstLine(text);
  }

  #report(): void {
    this.#onProgress({
      operation: this.#operation,
      done: this.#done,
      inProgress: [...this.#inProgress].map(resourceName),
      ...(this.#message === undefined ? {} : { message: this.#message }),
    });
  }
}

/** `p1` of `urn:pulumi:web-production-r1::production::local-process:index:Process::p1`. */
export function resourceName(urn: string): string {
  return urn.split('::').at(-1) ?? urn;
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, MESSAGE_CHARS);
}
