import { setTimeout as sleep } from 'node:timers/promises';
import { type Kind, type KindsHost, processKind, releaseKind } from '../../../blueprints/local-process/kinds.ts';
import { program } from '../../../blueprints/local-process/program.ts';
import { serveProvider } from '../../../blueprints/local-process/provider.ts';
import { PACKAGE } from '../../../blueprints/local-process/resources.ts';
import type { StackId } from '../../../src/stacks/blueprint.ts';
import type { PlannedFault } from './config.ts';
import type { FaultPlans } from './plans.ts';

const SLOW_MS = 5_000;

/** local-process's program, and a provider of its kinds that goes wrong as planned. */
export async function serveFaulty(host: KindsHost, plans: FaultPlans) {
  const kinds = [releaseKind(host), processKind(host)].map((kind) => faulty(kind, plans));
  const { port } = await serveProvider(kinds);
  return { provider: { [PACKAGE]: port }, program };
}

function faulty(kind: Kind, plans: FaultPlans): Kind {
  const step = async <T>(on: PlannedFault['on'], id: StackId, name: string, work: () => Promise<T>): Promise<T> =>
    goWrong(await plans.meet(id, on, name), `${on} of ${name}`, work);
  return {
    ...kind,
    create: async (id, name, inputs) => step('create', id, name, async () => kind.create(id, name, inputs)),
    delete: async (id, name) => step('delete', id, name, async () => kind.delete(id, name)),
  };
}

async function goWrong<T>(fault: PlannedFault | undefined, what: string, work: () => Promise<T>): Promise<T> {
  switch (fault?.does) {
    case undefined:
      return work();
    case 'hang':
      return new Promise<never>(() => undefined);
    case 'slow':
      await sleep(fault.ms ?? SLOW_MS);
      return work();
    case 'error':
      throw new Error(`planned fault: ${what} failed`);
    case 'throttled':
      throw new Error(`throttled: ${what} was refused, too many requests`);
    case 'error-after':
      await work();
      throw new Error(`planned fault: ${what} is done, and said to have failed`);
  }
}
