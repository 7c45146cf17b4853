import type { FoundStack, StackId } from '../../src/stacks/blueprint.ts';
import { type AwsPlace, openClients } from './clients.ts';
import type { CloudKind, FoundResource } from './kind.ts';

/** What there is of one stack, by its name. In the order of `kinds`. */
export async function findResources(
  stack: StackId,
  kinds: readonly CloudKind[],
  place: AwsPlace,
): Promise<(FoundResource & { type: string })[]> {
  const clients = openClients(place);
  try {
    const found = await Promise.all(
      kinds.map(async (kind) => (await kind.find(stack, clients)).map((each) => ({ ...each, type: kind.type }))),
    );
    return found.flat();
  } finally {
    clients.close();
  }
}

/** What there is of all stacks, by tags: one page for each kind. */
export async function* listStacks(kinds: readonly CloudKind[], place: AwsPlace): AsyncGenerator<FoundStack[]> {
  const clients = openClients(place);
  try {
    for (const kind of kinds) {
      if (!kind.list) continue;
      const found = await kind.list(clients);
      const byStack = Map.groupBy(found, ({ stack }) => `${stack.project}/${stack.stack}`);
      yield [...byStack.values()].flatMap((resources) => {
        const [first] = resources;
        return first ? [{ ...first.stack, traces: resources.map(({ label }) => label) }] : [];
      });
    }
  } finally {
    clients.close();
  }
}

/** Removes what there is of a stack, one kind after the other: some cannot go before what uses them has gone. */
export async function removeResources(stack: StackId, kinds: readonly CloudKind[], place: AwsPlace): Promise<void> {
  const clients = openClients(place);
  try {
    for (const kind of kinds) {
      const found = await kind.find(stack, clients);
      await Promise.all(found.map(async (each) => kind.remove(each, clients)));
    }
  } finally {
    clients.close();
  }
}
