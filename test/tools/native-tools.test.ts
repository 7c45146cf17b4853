import assert from 'node:assert/strict';
import { NativeToolMissing, nativeTool } from '../../src/native-tools.ts';
import { TemporaryCheckout } from './temporary-checkout.ts';

describe('nativeTool', () => {
  let checkout: TemporaryCheckout;
  beforeEach(() => (checkout = new TemporaryCheckout()));
  afterEach(() => checkout.remove());

  it('says what to type where nothing is set up', () => {
    assert.throws(
      () => nativeTool('temporal', checkout),
      (error) => {
        assert(error instanceof NativeToolMissing);
        assert.match(error.message, /npm run setup \(or set SUPPLANT_TEMPORAL/);
        return true;
      },
    );
  });

  it('names the file that has gone since it was set up', () => {
    checkout.write('.tools/tools.json', '{ "pulumi": { "path": "/gone/pulumi" } }');
    assert.throws(() => nativeTool('pulumi', checkout), /not set up \(\/gone\/pulumi is gone\); run: npm run setup/);
  });

  it('finds the tools of this checkout, which runs them', () => {
    for (const name of ['temporal', 'pulumi'] as const) assert.match(nativeTool(name), new RegExp(`/${name}$`));
  });

  it('refuses an override that cannot be executed', () => {
    checkout.env.SUPPLANT_PULUMI = checkout.path('package.json');
    assert.throws(() => nativeTool('pulumi', checkout), /SUPPLANT_PULUMI names .*package\.json, which is not/);
  });
});
