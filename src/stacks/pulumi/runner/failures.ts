import {
  BlueprintError,
  EngineError,
  OperationAborted,
  PluginError,
  ResourceError,
  StackBusyError,
  StackError,
} from '../../driver.ts';
import { readResourceName } from '../../plan.ts';
import type { EventLog } from '../operation/engine-events.ts';
import { describeMissingPlugin, type PluginPlace, readMissingPlugin } from '../plugins.ts';
import type { EngineExit } from './engine-process.ts';

/** The engine ended with something other than success. */
export class EngineExitError extends Error {
  override readonly name = 'EngineExitError';
  readonly exit: EngineExit;
  constructor(exit: EngineExit) {
    super(`the engine ended with ${exit.signal ?? `exit code ${exit.code}`}`);
    this.exit = exit;
  }
}

/** What the driver knows of a failed operation beside the error itself. */
export interface FailedOperation {
  stack: string;
  events: EventLog;
  /** Why the engine was told to stop, where it was. */
  stopped?: 'caller' | 'hung';
  /** What the blueprint's program threw. */
  programFault?: unknown;
  /** Takes out what must not stand anywhere, before anything is cut; the events are without it already. */
  redact?: (text: string) => string;
  /** Where the engine has looked for plugins. */
  plugins?: PluginPlace;
}

const MESSAGE_CHARS = 2_000;

/** Tells the caller what failed in the port's terms, from the engine's events rather than its text. */
export function toStackError(operation: FailedOperation, error: unknown): StackError {
  if (error instanceof StackError) return error;
  const { stack, events, redact = (text: string): string => text } = operation;
  const exit = error instanceof EngineExitError ? error.exit : undefined;
  const output = redact(exit?.output ?? '');
  const details = clip(
    exit ? output : redact(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    8_000,
  );
  if (operation.stopped === 'caller') return new OperationAborted(`the operation on ${stack} was stopped`, details);
  if (operation.stopped === 'hung') return new EngineError(`the engine made no progress on ${stack}`, details);
  const missing = events.errors.map(({ message }) => readMissingPlugin(message)).find((plugin) => plugin !== undefined);
  if (missing && operation.plugins) return new PluginError(describeMissingPlugin(missing, operation.plugins), details);
  if (events.violations.length > 0) {
    return new BlueprintError(clip(`policies forbid it: ${events.violations.join('; ')}`), details);
  }
  if (events.failedResources.length > 0) return new ResourceError(resourceMessage(events), details);
  if (operation.programFault !== undefined) {
    const fault = operation.programFault;
    return new BlueprintError(`the blueprint's program failed: ${oneMessage(fault, redact)}`, details);
  }
  // Found before the engine has events to send, so its output is all there is.
  if (output.includes('the stack is currently locked by')) {
    return new StackBusyError(`another Pulumi update holds ${stack}`, details);
  }
  const refused = events.errors.filter(({ urn }) => urn !== '' && !urn.includes('::pulumi:pulumi:Stack::'));
  if (refused.length > 0) return new BlueprintError(clip(refused.map(described).join('; ')), details);
  // What the SDK itself throws on what the program gave it comes after the program has returned.
  const thrown = exit?.signal
    ? undefined
    : events.errors.map(({ message }) => thrownIn(message)).find((text) => text !== undefined);
  if (thrown !== undefined) return new BlueprintError(clip(`the blueprint's program failed: ${thrown}`), details);
  const said = events.errors[0]?.message ?? lastLine(output);
  return new EngineError(clip(`the engine failed on ${stack}${said === '' ? '' : `: ${said}`}`), details);
}

/** The failed resources' own messages; a failure that came without one still names its resource. */
function resourceMessage(events: EventLog): string {
  const messages = events.failedResources.map((urn) => {
    const said = events.errors.filter((error) => error.urn === urn).map(({ message }) => withoutFrame(message));
    return said.length > 0 ? said.join('; ') : `${readResourceName(urn)} failed`;
  });
  return clip(messages.join('; '));
}

/** The engine wraps a provider's message in a list of one and in gRPC's words. */
function withoutFrame(message: string): string {
  return message.replace(/^(?:\d+ errors? occurred:\s*\*\s*|rpc error: code = \w+ desc = |error: )+/g, '').trim();
}

function described({ urn, message }: { urn: string; message: string }): string {
  return `${readResourceName(urn)}: ${withoutFrame(message)}`;
}

function oneMessage(fault: unknown, redact: (text: string) => string): string {
  return clip(redact(fault instanceof Error ? fault.message : String(fault)));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

function clip(text: string, length = MESSAGE_CHARS): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The SDK's calls of the engine, or of a provider, that found nobody: another attempt may find them. */
const UNANSWERED = /\b\d+ (?:UNAVAILABLE|CANCELLED|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|ABORTED)\b|ECONN|EPIPE/;

/** The exception that the SDK reports in a diagnostic of the whole stack, in one line; undefined where it is none of the program's. */
function thrownIn(message: string): string | undefined {
  const found = /^(?:error: )?Unhandled exception: (.+)/.exec(message)?.[1];
  return found === undefined || UNANSWERED.test(message) ? undefined : found.trim();
}
