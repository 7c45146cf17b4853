import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { NativeToolMissing, findNativeTool } from '../../src/native-tools.ts';
import { TemporaryCheckout } from './temporary-checkout.ts';

const HOME = new URL('../../tools/setup/home.mjs', import.meta.url).href;

describe('nativeTool', () => {
  let checkout: TemporaryCheckout;
  beforeEach(() => (checkout = new TemporaryCheckout()));
  afterEach(() => checkout.remove());

  it('says what to type where nothing is set up', () => {
    assert.throws(
      () => findNativeTool('temporal', checkout),
      (error) => {
        assert(error instanceof NativeToolMissing);
        assert.match(error.message, /npm run setup \(or set SUPPLANT_TEMPORAL/);
        return true;
      },
    );
  });

  it('names the file that has gone since it was set up', () => {
    checkout.write('.tools/tools.json', '{ "pulumi": { "path": "/gone/pulumi" } }');
    assert.throws(
      () => findNativeTool('pulumi', checkout),
      /not set up \(\/gone\/pulumi is gone\); run: npm run setup/,
    );
  });

  it('finds the tools of this checkout, which runs them', () => {
    for (const name of ['temporal', 'pulumi'] as const) assert.match(findNativeTool(name), new RegExp(`/${name}$`));
  });

  // The set-up runs before anything is installed, in whatever Node there is: it cannot import ours, nor ours it.
  for (const [what, place] of [
    ['a checkout', 'work/supplant'],
    ['an installed package', 'node_modules/supplant'],
  ] as const) {
    it(`looks where the set-up of ${what} keeps them`, async () => {
      const root = checkout.path(place);
      const env = { ...checkout.env, XDG_CACHE_HOME: checkout.path('caches') };
      const { toolHome } = (await import(HOME)) as { toolHome: (root: string, env: NodeJS.ProcessEnv) => string };
      const notes = join(toolHome(root, env), 'tools.json');
      checkout.write(relative(checkout.root, notes), JSON.stringify({ pulumi: { path: process.execPath } }));
      assert.equal(findNativeTool('pulumi', { root, env }), process.execPath);
    });
  }

  it('refuses an override that cannot be executed', () => {
    checkout.env.SUPPLANT_PULUMI = checkout.path('package.json');
    assert.throws(() => findNativeTool('pulumi', checkout), /SUPPLANT_PULUMI names .*package\.json, which is not/);
  });
});
