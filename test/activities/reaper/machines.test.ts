import assert from 'node:assert/strict';
import {
  type MachineParts,
  findOtherHosts,
  gatherMachines,
  takeInventory,
} from '../../../src/activities/reaper/machines.ts';
import type { StackSummary } from '../../../src/stacks/driver.ts';
import type { HostBinding } from '../../../src/store/hosts/bindings.ts';
import { type Store, openStore } from '../../../src/store/store.ts';

const [A, B, C] = ['a-11111111', 'b-22222222', 'c-33333333'] as const;

function stack(name: string): StackSummary {
  return { project: 'test', stack: name, resources: 1 };
}

describe('what runs on machines', () => {
  let store: Store;
  let bound: HostBinding[];
  beforeEach(async () => {
    store = await openStore(':memory:');
    bound = [];
  });
  afterEach(() => store.close());

  /** A host with these stacks, or one that cannot list them. */
  function host(id: string, stacks: StackSummary[] | Error): MachineParts {
    const pages = async function* (): AsyncGenerator<StackSummary[]> {
      if (stacks instanceof Error) throw stacks;
      yield stacks;
    };
    const bindings = { listBound: async () => bound };
    return { host: id, hosts: store.hosts, bindings, stacks: { pages } };
  }

  const announce = (id: string): Promise<void> =>
    store.hosts.announce({ id, name: id, version: '1', worker: { id: 'w', pools: ['default'], blueprints: [] } });

  it('is asked of every other host that nobody has forgotten', async () => {
    const own = host(A, []);
    assert.deepEqual(await findOtherHosts(own), []);
    await announce(A);
    assert.deepEqual(await findOtherHosts(own), []);
    await announce(B);
    await store.hosts.forget(C, { actor: 'ada', reason: 'gone' });
    assert.deepEqual(await findOtherHosts(own), [B]);
  });

  it('is where only one host has it, and anywhere where all list it, as what is in a state that they share', async () => {
    const shared = stack('in-state');
    await announce(B);
    await takeInventory(host(B, [shared, stack('on-b')]));
    const found = await gatherMachines(host(A, [shared, stack('on-a')]), [{ host: B, isListed: true }]);
    assert.deepEqual(found, {
      found: [
        { project: 'test', stack: 'in-state' },
        { project: 'test', stack: 'on-a', host: A },
        { project: 'test', stack: 'on-b', host: B },
      ],
      hosts: {},
    });
  });

  it('is anywhere where there is one host', async () => {
    const found = await gatherMachines(host(A, [stack('one')]), []);
    assert.deepEqual(found, { found: [{ project: 'test', stack: 'one' }], hosts: {} });
  });

  it('is not known of a host that does not answer, nor all of one that could not list it: each is named', async () => {
    for (const id of [B, C]) await announce(id);
    bound = [{ host: 'd-44444444', project: 'test', stack: 'web-test-r1' }];
    await takeInventory(host(B, new Error('no disk')));
    const answers = [{ host: B, isListed: true }, { host: C, because: 'no answer in time' }, { host: 'd-44444444' }];
    const found = await gatherMachines(host(A, new Error('no engine')), answers);
    assert.deepEqual(found, {
      found: [],
      missing: 'no engine',
      hosts: {
        [B]: 'no disk',
        [C]: 'no answer in time',
        'd-44444444': 'host d-44444444, never seen yet, is away',
      },
    });
  });
});
