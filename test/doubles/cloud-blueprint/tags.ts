import type { StackId } from '../../../src/stacks/blueprint.ts';

/** What every resource of a stack has, and is found by. */
export function toTags({ project, stack }: StackId): Record<'project' | 'stack', string> {
  return { project, stack };
}
