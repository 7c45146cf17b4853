import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { createAwsBlueprint } from '../aws/blueprint.ts';

/** What services share, in a stack of its own that rollouts never touch. It has no artifact. */
export async function createBlueprint(): Promise<Blueprint> {
  return createAwsBlueprint({
    name: 'aws-environment',
    folder: import.meta.dirname,
    kinds: async () => (await import('./kinds/index.ts')).kinds,
    config: async () => (await import('./config.ts')).configSchema,
    artifactFault: (artifact) =>
      artifact === 'none' ? undefined : "expected 'none': an environment is made from its config alone",
    program: async () => (await import('./program.ts')).createStack,
  });
}
