import { createHash } from 'node:crypto';
import type { StackId } from '../../src/stacks/blueprint.ts';

/** What AWS allows the shortest of names: those of target groups and load balancers. */
export const NAME_LIMIT = 32;

/** By this header a revision is reached before it has any traffic, and after it has lost it. */
export const TEST_HEADER = 'x-supplant-revision';

/** Keys of the tags on everything that belongs to a stack, there from the moment it exists. */
export const TAG = {
  environment: 'supplant:environment',
  stack: 'supplant:stack',
} as const;

/**
 * The one name of all that a stack has in AWS: `web-production-3f9a1c-r17`. It follows from service, environment and
 * revision alone, so that whatever an interrupted run left behind can be found. What is too long is cut; the six digits,
 * of a hash of service and environment, keep `a-b` in `c` apart from `a` in `b-c`.
 */
export function formatAwsName({ project, stack }: StackId): string {
  const [, service = stack, revision = ''] = new RegExp(`^(.+)-${project}-(r\\d+)$`).exec(stack) ?? [];
  const hash = createHash('sha256').update(`${service}\0${project}`).digest('hex').slice(0, 6);
  const tail = revision === '' ? `-${hash}` : `-${hash}-${revision}`;
  return `${`${service}-${project}`.slice(0, NAME_LIMIT - tail.length).replace(/-+$/, '')}${tail}`;
}

/** The tags of everything in a stack. */
export function buildTags({ project, stack }: StackId): Record<string, string> {
  return { [TAG.environment]: project, [TAG.stack]: stack };
}

/** Whose it is, by its tags; undefined for what is none of Supplant's. */
export function readTags(tags: Readonly<Record<string, string | undefined>>): StackId | undefined {
  const { [TAG.environment]: project, [TAG.stack]: stack } = tags;
  return project === undefined || stack === undefined ? undefined : { project, stack };
}

export function isSameStack(one: StackId | undefined, other: StackId): boolean {
  return one?.project === other.project && one.stack === other.stack;
}
