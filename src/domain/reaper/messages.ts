import { isHostId } from '../hosts/host.ts';
import { isPoolName } from '../pools/pool.ts';
import type { ReapTarget } from './facts.ts';

/** What Pulumi takes for a name. */
const NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** Anyone who reaches Temporal can send anything: undefined for what names no stack. */
export function readReapTarget(value: unknown): ReapTarget | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { project, stack, host, pool } = value as Record<string, unknown>;
  const isName = (text: unknown): text is string => typeof text === 'string' && NAME.test(text);
  if (!isName(project) || !isName(stack) || !(host === undefined || isHostId(host))) return undefined;
  if (pool !== undefined && !isPoolName(pool)) return undefined;
  return { project, stack, ...(host === undefined ? {} : { host }), ...(pool === undefined ? {} : { pool }) };
}
