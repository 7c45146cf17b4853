import { isHostId } from '../hosts/host.ts';
import type { StackPlace } from './facts.ts';

/** What Pulumi takes for a name. */
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** Anyone who reaches Temporal can send anything: undefined for what names no stack. */
export function readStackPlace(value: unknown): StackPlace | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { project, stack, host } = value as Record<string, unknown>;
  const isName = (text: unknown): text is string => typeof text === 'string' && NAME.test(text);
  if (!isName(project) || !isName(stack) || !(host === undefined || isHostId(host))) return undefined;
  return { project, stack, ...(host === undefined ? {} : { host }) };
}
