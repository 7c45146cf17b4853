import { type OperationContext, ResourceError } from '../driver.ts';
import type { StackLock } from './lock/stack-lock.ts';
import type { OperationSpec } from './operation/operation-folder.ts';
import type { Parts } from './parts.ts';
import { type Maker, sweepAll } from './reap.ts';

/** A stack that is to go. */
export interface Leaving {
  spec: OperationSpec;
  /** Whatever these find of it is removed. */
  makers: readonly Maker[];
}

type Having = Pick<Parts, 'commissions' | 'registry' | 'store' | 'log'>;

/** Has the engine destroy a stack, removes what no state knows of it, and forgets it. */
export async function tearDown(having: Having, lock: StackLock, { spec, makers }: Leaving): Promise<void> {
  const { commissions, registry, store } = having;
  const { id, input } = spec;
  await commissions.setDelivered(id, false);
  const hasResources = async (): Promise<boolean> => ((await store.read(id))?.resources.length ?? 0) > 0;
  if (lock.carriesOn || (await hasResources())) {
    const blueprint = registry.get(input.blueprint);
    await lock.run().catch(async (error: unknown) => {
      if (!(error instanceof ResourceError) || blueprint.isHeldBack?.(error.message) !== true) throw error;
      await blueprint.sweep(id, input.blueprint.config);
      await lock.run();
    });
  }
  // What an interrupted create made is in no state; only the provider knows it.
  await sweepAll(id, makers);
  await forget(having, lock, spec);
}

/** Forgets a stack with its host. What of it is within everybody's reach goes all the same. */
export async function giveUp(
  having: Having,
  lock: StackLock,
  { spec, makers }: Leaving,
  context: OperationContext,
): Promise<void> {
  const { commissions, log } = having;
  const { id, operation } = spec;
  const message = `${id.stack} is given up with its host, which was forgotten`;
  log('warn', message, { host: (await commissions.findHost(id)) ?? '' });
  context.onProgress({ operation, done: 0, inProgress: [], message });
  await sweepAll(
    id,
    makers.filter(({ blueprint }) => blueprint.reach === 'shared'),
  );
  await forget(having, lock, spec);
}

async function forget({ commissions, store }: Having, lock: StackLock, { id }: OperationSpec): Promise<void> {
  await lock.prove();
  await store.forget(id);
  await commissions.forget(id);
}
