import { judgePool } from '../domain/pools/served.ts';
import { describeOutdated } from '../domain/pools/words.ts';
import { DEFAULT_POOL } from '../domain/pools/pool.ts';
import { MissingBlueprintError, type StackDriver } from '../stacks/driver.ts';
import type { HostRegistry } from '../store/hosts/registry.ts';
import { createPassingFailure } from './failures.ts';

/** What makes and destroys stacks. */
export type EngineDriver = Pick<StackDriver, 'provision' | 'destroy'>;

/**
 * A driver whose worker may lack the blueprint that a stack is made by: what it refuses for that is to be tried again,
 * since another worker of the pool may have it, or get it. Who waits is told whether one does.
 */
export function retryElsewhere(stacks: EngineDriver, hosts: Pick<HostRegistry, 'list'>): EngineDriver {
  return {
    destroy: (...asked) => stacks.destroy(...asked),
    async provision(input, context) {
      try {
        return await stacks.provision(input, context);
      } catch (error) {
        if (!(error instanceof MissingBlueprintError)) throw error;
        throw createPassingFailure('BlueprintMissing', await explain(error, input.blueprint.pool, hosts));
      }
    },
  };
}

async function explain(
  { message, wanted }: MissingBlueprintError,
  pool: string = DEFAULT_POOL,
  hosts: Pick<HostRegistry, 'list'>,
): Promise<string> {
  const standing = judgePool(pool, await hosts.list(), wanted);
  if (standing.state === 'served') return `${message} on this worker; another one of pool ${pool} has it`;
  return `${describeOutdated({ ...standing, wanted })}; start one that has it, or abort and deploy a new revision`;
}
