import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDriver, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** As users write it: anywhere, with nothing installed beside it. */
const OWN = `
import * as pulumi from '@pulumi/pulumi';
import { type Blueprint, sourceDigest } from 'supplant/blueprint';

class Site extends pulumi.ComponentResource {
  readonly port: pulumi.Output<number>;
  constructor(name: string, port: number) {
    super('own:index:Site', name);
    this.port = pulumi.output(port);
    this.registerOutputs({ port });
  }
}

export async function createBlueprint(): Promise<Blueprint> {
  return {
    name: 'own',
    digest: await sourceDigest(import.meta.dirname),
    check: async () => [],
    serve: async () => ({
      providers: {},
      program: ({ artifact }) => async () => {
        const site = new Site('site', Number(artifact));
        return { endpoints: [{ host: '127.0.0.1', port: site.port }] };
      },
    }),
    inventory: async () => [],
    sweep: async () => undefined,
    close: async () => undefined,
  };
}
`;

describe('blueprints of one’s own', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-blueprint-'))));
  afterEach(async () => rm(folder, { recursive: true }));

  async function written(name: string, source: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, source);
    return path;
  }

  it('work from any folder, with Supplant’s own copy of Pulumi’s SDK', async () => {
    const bench = await Workbench.open({ blueprints: [await written('own.ts', OWN)], supervise: false });
    try {
      const input = await bench.input(1, {}, '4321', 'own');
      const { endpoints } = await bench.driver.provision(input, uninterrupted());
      assert.deepEqual(endpoints, [{ host: '127.0.0.1', port: 4321 }]);
      assert.deepEqual(await bench.driver.list(), [{ project: 'test', stack: 'web-test-r1', resources: 2 }]);
      await bench.driver.destroy(input, uninterrupted());
    } finally {
      await bench.close();
    }
  });

  it('are refused, all at once, when they cannot be loaded', async () => {
    const blueprints = [await written('empty.ts', 'export const one = 1;'), join(folder, 'missing.ts')];
    await assert.rejects(
      openDriver(join(folder, 'data'), { blueprints }),
      /empty\.ts: it exports no function createBlueprint; from .*missing\.ts/,
    );
  });

  it('are refused under a name that is taken', async () => {
    const taken = await written('taken.ts', OWN.replace("name: 'own'", "name: 'local-process'"));
    await assert.rejects(openDriver(join(folder, 'data'), { blueprints: [taken] }), /two blueprints are called local-/);
  });
});
