import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { uninterrupted, Workbench } from '../stacks/workbench.ts';

const require = createRequire(import.meta.url);

/** A package as Pulumi's own are: CommonJS, with Pulumi's SDK as a dependency, and parts that are imported by file. */
const SITES = `
'use strict';
const pulumi = require('@pulumi/pulumi');
const { Output } = require('@pulumi/pulumi/output');
class Site extends pulumi.ComponentResource {
  constructor(name, port) {
    super('sites:index:Site', name);
    this.port = pulumi.output(port);
    this.isShared = Output.isInstance(this.port) && pulumi.Output === Output;
    this.registerOutputs({ port });
  }
}
exports.Site = Site;
exports.sdk = require.resolve('@pulumi/pulumi');
exports.ownZod = require('zod').isOwn;
`;

const BLUEPRINT = `
import { computeSourceDigest } from 'supplant/blueprint';

export async function createBlueprint() {
  return {
    name: 'own',
    digest: await computeSourceDigest(import.meta.dirname + '/node_modules/sites'),
    check: async () => [],
    async serve() {
      const { Site, sdk, ownZod } = (await import('sites/parts/site.js')).default;
      const program = ({ artifact }) => async () => {
        const { port, isShared } = new Site('site', Number(artifact));
        return { endpoints: [{ host: '127.0.0.1', port }], notes: { isShared, sdk, ownZod } };
      };
      return { providers: {}, program };
    },
    async *inventory() {},
    sweep: async () => undefined,
    close: async () => undefined,
  };
}
`;

describe('packages that a blueprint brings', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'supplant-blueprint-'))));
  afterEach(async () => rm(folder, { recursive: true }));

  async function write(path: string, content: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }

  it('find Supplant’s copy of Pulumi’s SDK where they have one of their own and require it', async () => {
    // As npm installs it: all of it, beside the package that depends on it.
    const sdk = dirname(require.resolve('@pulumi/pulumi/package.json'));
    await cp(sdk, join(folder, 'node_modules/@pulumi/pulumi'), { recursive: true });
    await write('node_modules/zod/index.js', 'exports.isOwn = true;');
    await write('node_modules/sites/package.json', '{"name":"sites","version":"1.0.0"}');
    await write('node_modules/sites/parts/site.js', SITES);
    await write('index.mjs', BLUEPRINT);
    const bench = await Workbench.open({ blueprints: [join(folder, 'index.mjs')], supervise: false });
    try {
      const input = await bench.input(1, {}, '4321', 'own');
      const { endpoints, notes } = await bench.driver.provision(input, uninterrupted());
      assert.deepEqual(endpoints, [{ host: '127.0.0.1', port: 4321 }]);
      assert.deepEqual(notes, { isShared: true, sdk: require.resolve('@pulumi/pulumi'), ownZod: true });
      assert.deepEqual(await bench.driver.list(), [{ project: 'test', stack: 'web-test-r1', resources: 2 }]);
    } finally {
      await bench.close();
    }
  });
});
