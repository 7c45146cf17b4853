import type { IncomingMessage } from 'node:http';
import { type QueryFields, fieldsOf, textOf } from './query-protocol.ts';
import { forwardedGroups } from './rule-limits.ts';
import type { TargetView } from './target-health.ts';

/** The cookie that keeps a client with a group, as the load balancer names it. */
const GROUP_COOKIE = 'AWSALBTG';

export interface ChosenGroup {
  arn: string;
  /** A cookie to set, where the action keeps clients with their group. */
  cookie?: string;
}

/**
 * The group for a request: the one that its cookie names, where the action is sticky, whatever that group's weight is;
 * else one by weight, at random. The health of targets has no part in it.
 */
export function chooseGroup(action: QueryFields, request: IncomingMessage): ChosenGroup | undefined {
  const groups = forwardedGroups([action]);
  const { Enabled, DurationSeconds } = fieldsOf(fieldsOf(action.ForwardConfig).TargetGroupStickinessConfig);
  const isSticky = textOf(Enabled) === 'true';
  const named = isSticky ? readCookie(request) : undefined;
  const kept = groups.find(({ arn }) => arn === named);
  const chosen = kept ?? chooseByWeight(groups);
  if (!chosen || !isSticky) return chosen && { arn: chosen.arn };
  const value = Buffer.from(chosen.arn).toString('base64url');
  return { arn: chosen.arn, cookie: `${GROUP_COOKIE}=${value}; Max-Age=${textOf(DurationSeconds)}; Path=/` };
}

/** Where requests of a group may go: its healthy targets, or all of them where none is healthy. Draining ones get none. */
export function eligibleTargets(targets: readonly TargetView[]): TargetView[] {
  const healthy = targets.filter(({ state }) => state === 'healthy');
  return healthy.length > 0 ? healthy : targets.filter(({ state }) => state !== 'draining');
}

function chooseByWeight(groups: ReturnType<typeof forwardedGroups>): { arn: string } | undefined {
  const [only, ...others] = groups;
  if (others.length === 0) return only;
  const total = groups.reduce((sum, { weight = 0 }) => sum + weight, 0);
  let left = Math.random() * total;
  return groups.find(({ weight = 0 }) => (left -= weight) < 0);
}

function readCookie(request: IncomingMessage): string | undefined {
  const value = new RegExp(`(?:^|;\\s*)${GROUP_COOKIE}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
  return value && Buffer.from(value, 'base64url').toString();
}
