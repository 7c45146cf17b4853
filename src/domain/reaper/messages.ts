import type { StackName } from './facts.ts';

/** What Pulumi takes for a name. */
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** Anyone who reaches Temporal can send anything: undefined for what names no stack. */
export function readStackName(value: unknown): StackName | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { project, stack } = value as Record<string, unknown>;
  const isName = (text: unknown): text is string => typeof text === 'string' && NAME.test(text);
  return isName(project) && isName(stack) ? { project, stack } : undefined;
}
