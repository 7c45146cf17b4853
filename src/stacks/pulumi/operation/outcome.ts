import {
  BlueprintError,
  EngineError,
  OperationAborted,
  PluginError,
  ResourceError,
  StackBusyError,
  StackError,
  type StackPlan,
} from '../../driver.ts';

/** What came of an engine operation, as a runner writes it down for whoever wants to know. */
export type Outcome = { plan: StackPlan } | { failure: { name: string; message: string; details: string } };

const ERRORS: readonly (new (message: string, details: string) => StackError)[] = [
  BlueprintError,
  EngineError,
  OperationAborted,
  PluginError,
  ResourceError,
  StackBusyError,
];
const BY_NAME = new Map(ERRORS.map((type) => [type.name, type]));

/** @param error what is not a {@link StackError} becomes an {@link EngineError} */
export function createFailedOutcome(error: unknown): Outcome {
  if (error instanceof StackError) {
    return { failure: { name: error.name, message: error.message, details: error.details } };
  }
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  return { failure: { name: EngineError.name, message, details: stack } };
}

/** @throws StackError of the class that the runner saw */
export function readPlan(outcome: Outcome): StackPlan {
  if ('plan' in outcome) return outcome.plan;
  const { name, message, details } = outcome.failure;
  throw new (BY_NAME.get(name) ?? EngineError)(message, details);
}

/** Whether it was stopped by a request, which may not have been made by whoever reads this. */
export function wasAborted(outcome: Outcome): boolean {
  return 'failure' in outcome && outcome.failure.name === OperationAborted.name;
}
