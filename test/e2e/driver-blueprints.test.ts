import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderSchema } from '../../src/cli/commands/schema.ts';
import { findNativeTool } from '../../src/native-tools.ts';
import { openDriver, uninterrupted, Workbench } from '../stacks/workbench.ts';

/** As users write it: anywhere, with nothing installed beside it. */
const OWN = `
import * as pulumi from '@pulumi/pulumi';
import { type Blueprint, computeSourceDigest } from 'supplant/blueprint';

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
    digest: await computeSourceDigest(import.meta.dirname),
    check: async () => [],
    serve: async () => ({
      providers: {},
      program: ({ artifact }) => async () => {
        const site = new Site('site', Number(artifact));
        return { endpoints: [{ host: '127.0.0.1', port: site.port }] };
      },
    }),
    async *inventory() {},
    sweep: async () => undefined,
    close: async () => undefined,
  };
}
`;

/** The same, with a config. */
const CONFIGURED = OWN.replace(
  "import { type Blueprint, computeSourceDigest } from 'supplant/blueprint';",
  `import { type Blueprint, computeSourceDigest } from 'supplant/blueprint';
import { duration, mapping, wholeNumber, z } from 'supplant/schema';

const config = mapping({
  port: wholeNumber(1, 65535).describe('Where the site is.'),
  linger: duration({ least: 0, most: 60_000, words: 'of at most 1m' }).prefault('10s'),
  mode: z.enum(['fast', 'safe']).default('safe'),
});`,
)
  .replace('check: async', 'config: () => config,\n    check: async')
  .replace('program: ({ artifact }) => async', 'program: (_input, { port, linger, mode }) => async')
  .replace("new Site('site', Number(artifact))", 'new Site(`${mode}-${linger}`, port as number)');

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

  it('are refused while a plugin is missing, with the command that installs it', async () => {
    const needy = OWN.replace("name: 'own',", "name: 'own',\n    plugins: [{ name: 'sites', version: '1.2.3' }],");
    const bench = await Workbench.open({ blueprints: [await written('own.ts', needy)], supervise: false });
    try {
      const { digest, faults } = await bench.driver.describe({ name: 'own', config: {} }, '4321');
      const home = join(bench.dataDir, 'pulumi');
      const command = `PULUMI_HOME=${home} ${findNativeTool('pulumi')} plugin install resource sites v1.2.3`;
      const message = `the Pulumi plugin sites 1.2.3 is not installed in ${home}; run: ${command}`;
      assert.deepEqual(faults, [{ path: 'blueprint.name', message: `'own': ${message}` }]);
      const service = { name: 'web', environment: 'test' };
      const input = { service, revision: 1, artifact: '4321', blueprint: { name: 'own', digest, config: {} } };
      await assert.rejects(bench.driver.provision(input, uninterrupted()), {
        name: 'PluginError',
        message,
        retryable: false,
      });
    } finally {
      await bench.close();
    }
  });

  it('are told of a plugin that they did not name by the engine’s own word for it', async () => {
    const needy = OWN.replace(/class Site[^]*?\n}\n/, '')
      .replace(
        "const site = new Site('site', Number(artifact));",
        `const site = new pulumi.CustomResource('sites:index:Site', 'site', { port: undefined }, { version: '1.2.3' });
        const port = site.urn.apply(() => Number(artifact));`,
      )
      .replace('port: site.port', 'port');
    const bench = await Workbench.open({ blueprints: [await written('own.ts', needy)], supervise: false });
    try {
      const input = await bench.input(1, {}, '4321', 'own');
      await assert.rejects(bench.driver.provision(input, uninterrupted()), {
        name: 'PluginError',
        message:
          /^the Pulumi plugin sites 1\.2\.3 is not installed in .*; run: PULUMI_HOME=.* plugin install resource sites v1\.2\.3$/,
      });
    } finally {
      await bench.close();
    }
  });

  it('list what they have made page by page, and only where they are asked', async () => {
    const found = (name: string) => `[{ project: 'cloud', stack: '${name}', traces: ['a', 'b'] }]`;
    const shared = OWN.replace("name: 'own',", "name: 'own',\n    reach: 'shared' as const,").replace(
      'async *inventory() {},',
      `async *inventory() {
      yield ${found('one')};
      yield [...${found('two')}, ...${found('one')}];
      throw new Error('nobody wanted a third page');
    },`,
    );
    const bench = await Workbench.open({ blueprints: [await written('own.ts', shared)], supervise: false });
    try {
      const pages = bench.driver.pages('shared')[Symbol.asyncIterator]();
      assert.deepEqual((await pages.next()).value, [{ project: 'cloud', stack: 'one', resources: 2 }]);
      assert.deepEqual((await pages.next()).value, [{ project: 'cloud', stack: 'two', resources: 2 }]);
      await pages.return?.();
      for await (const page of bench.driver.pages('machine')) assert.deepEqual(page, []);
    } finally {
      await bench.close();
    }
  });

  it('say what their config is, and get it complete with defaults', async () => {
    const path = await written('own.ts', CONFIGURED);
    const bench = await Workbench.open({ blueprints: [path], supervise: false });
    try {
      const { faults } = await bench.driver.describe(
        { name: 'own', config: { prot: 1, linger: '1h', mode: 'sfae' } },
        'a',
      );
      assert.deepEqual(faults, [
        { path: 'blueprint.config.port', message: 'expected a whole number from 1 to 65535, found nothing' },
        {
          path: 'blueprint.config.linger',
          message: "expected a duration of at most 1m, such as 500ms or 10s, found '1h'",
        },
        { path: 'blueprint.config.mode', message: "expected one of fast, safe, found 'sfae'; did you mean 'safe'?" },
        {
          path: 'blueprint.config.prot',
          message: "expected only port, linger, mode here, found the unknown key 'prot'; did you mean 'port'?",
        },
      ]);
      const input = await bench.input(1, { port: 4321 }, 'a', 'own');
      const { endpoints } = await bench.driver.provision(input, uninterrupted());
      assert.deepEqual(endpoints, [{ host: '127.0.0.1', port: 4321 }]);
      await bench.driver.destroy(input, uninterrupted());
    } finally {
      await bench.close();
    }
    assert.match(await renderSchema('manifest', [path]), /"description": "Where the site is\."/);
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
