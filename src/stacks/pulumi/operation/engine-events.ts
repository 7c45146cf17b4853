import type { EngineEvent, PolicyEvent } from '@pulumi/pulumi/automation/index.js';
import type { StackPlan, StackProgress } from '../../driver.ts';
import { type ReadStep, type Seal, readDrift } from './drift.ts';
import { readResourceName } from '../../plan.ts';

export const ROOT_TYPE = 'pulumi:pulumi:Stack';
const MESSAGE_CHARS = 200;

/** What an event says of one resource. */
interface StepMetadata extends ReadStep {
  /** As it was before; missing where it is new. */
  old?: (NonNullable<ReadStep['old']> & { protect?: boolean | undefined }) | undefined;
}

export interface Diagnostic {
  urn: string;
  message: string;
}

/** Follows an operation by its engine events: how far it is, what it changed, and what went wrong. */
export class EventLog {
  readonly #operation: StackProgress['operation'];
  readonly #onProgress: (progress: StackProgress) => void;
  readonly #redact: (text: string) => string;
  readonly #inProgress = new Set<string>();
  #done = 0;
  #message: string | undefined;
  /** When the last event came, on `performance.now`'s clock. */
  lastAt = performance.now();
  readonly errors: Diagnostic[] = [];
  readonly failedResources: string[] = [];
  /** What mandatory policies have against the plan, for people. */
  readonly violations: string[] = [];
  readonly plan: StackPlan = { changes: {}, lines: [], steps: [] };
  readonly #seal: Seal | undefined;

  /**
   * @param redact takes out of what the engine says what must not stand anywhere: before it is cut
   * @param seal where a refresh is to say what is not as it was made
   */
  constructor(
    operation: StackProgress['operation'],
    onProgress: (progress: StackProgress) => void,
    redact: (text: string) => string = (text) => text,
    seal?: Seal,
  ) {
    this.#redact = redact;
    this.#seal = seal;
    this.#operation = operation;
    this.#onProgress = onProgress;
  }

  get stepsInFlight(): number {
    return this.#inProgress.size;
  }

  note(event: EngineEvent): void {
    this.lastAt = performance.now();
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent, policyEvent } = event;
    if (resourcePreEvent) this.#begun(resourcePreEvent.metadata);
    else if (resOutputsEvent) this.#finished(resOutputsEvent.metadata);
    else if (resOpFailedEvent) this.#failed(resOpFailedEvent.metadata);
    else if (diagnosticEvent) this.#said(diagnosticEvent);
    else if (policyEvent) this.#judged(policyEvent);
    else if (summaryEvent) Object.assign(this.plan.changes, summaryEvent.resourceChanges);
    else return;
    this.#report();
  }

  #begun(step: StepMetadata): void {
    const { op, urn, type, old } = step;
    if (type === ROOT_TYPE) return;
    if (this.#operation !== 'refresh') this.#plan(op, urn, type);
    this.plan.steps.push({ op, urn, type, isProtected: old?.protect ?? false });
    this.#inProgress.add(urn);
  }

  #finished(step: StepMetadata): void {
    const { op, urn, type } = step;
    if (type === ROOT_TYPE || !this.#inProgress.delete(urn)) return;
    const drift = this.#seal && readDrift(step, this.#seal);
    if (drift) (this.plan.drift ??= []).push(drift);
    // Only now is it known what has become of a resource that was read again.
    if (this.#operation === 'refresh') this.#plan(op, urn, type);
    this.#done += 1;
  }

  #plan(op: string, urn: string, type: string): void {
    if (op !== 'same' && op !== 'refresh') this.plan.lines.push(`${op} ${readResourceName(urn)} (${type})`);
  }

  #failed({ urn }: { urn: string }): void {
    this.#inProgress.delete(urn);
    this.failedResources.push(urn);
  }

  #said({ urn = '', message, severity }: { urn?: string; message: string; severity: string }): void {
    const text = this.#redact(message.trim());
    if (severity === 'error') this.errors.push({ urn, message: text });
    if (severity === 'error' || severity === 'warning') this.#message = firstLine(text);
  }

  #judged({ resourceUrn, message, policyName, enforcementLevel }: PolicyEvent): void {
    if (enforcementLevel !== 'mandatory') return;
    const subject = resourceUrn === undefined || resourceUrn === '' ? 'the stack' : readResourceName(resourceUrn);
    this.violations.push(`${subject}: ${this.#redact(message.trim()).replaceAll(/\s*\n\s*/g, ' ')} (${policyName})`);
  }

  #report(): void {
    this.#onProgress({
      operation: this.#operation,
      done: this.#done,
      inProgress: [...this.#inProgress].map(readResourceName),
      ...(this.#message === undefined ? {} : { message: this.#message }),
    });
  }
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, MESSAGE_CHARS);
}
