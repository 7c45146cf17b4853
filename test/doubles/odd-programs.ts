import { setTimeout as sleep } from 'node:timers/promises';
import type { Blueprint, BlueprintProgram } from '../../src/stacks/blueprint.ts';

/** What programs should not do, by the name of the artifact that has them do it. They make nothing. */
const PROGRAMS: Record<string, BlueprintProgram> = {
  waits: () => new Promise(() => undefined),
  blocks: async () => {
    for (;;);
  },
  exits: async () => process.exit(0),
  /** Once the run is long over: nothing awaits it, and nobody can catch it. */
  strays: async () => {
    setTimeout(() => void Promise.reject(new Error('a stray')), 0);
    await sleep(50);
    return { endpoints: [{ host: '127.0.0.1', port: 1 }] };
  },
};

/** A blueprint for tests: its programs misbehave in the process that runs them. */
export async function createBlueprint(): Promise<Blueprint> {
  return {
    name: 'odd-programs',
    digest: 'a'.repeat(64),
    check: async () => [],
    serve: async () => ({ providers: {}, program: ({ artifact }) => PROGRAMS[artifact]! }),
    async *inventory() {
      // Nothing is ever made.
    },
    sweep: async () => undefined,
    close: async () => undefined,
  };
}
