import assert from 'node:assert/strict';
import fc from 'fast-check';

interface Versions {
  isAccepted: (version: string, limits: { version: string; below: string }) => boolean;
  compareVersions: (left: string, right: string) => number;
}

const module = new URL('../../tools/setup/versions.mjs', import.meta.url).href;
const { isAccepted, compareVersions } = (await import(module)) as Versions;

describe('which version of a tool on PATH will do', () => {
  const limits = { version: '1.5.1', below: '2.0.0' };
  const cases: Record<string, boolean> = {
    '1.5.1': true,
    'v1.5.1': true,
    '1.5.2': true,
    '1.10.0': true,
    '1.99.99': true,
    '1.5.0': false,
    '1.4.9': false,
    '0.9.9': false,
    '2.0.0': false,
    '10.0.0': false,
    '1.6.0-rc.1': false,
    '0.0.0-DEV': false,
    '1.6': false,
    '': false,
  };
  for (const [version, accepted] of Object.entries(cases)) {
    it(`${accepted ? 'accepts' : 'refuses'} ${version || 'nothing at all'}`, () => {
      assert.equal(isAccepted(version, limits), accepted);
    });
  }

  it('orders versions as numbers, part by part', () => {
    const part = fc.nat({ max: 2000 });
    const version = fc.tuple(part, part, part);
    fc.assert(
      fc.property(version, version, (left, right) => {
        const different = left.findIndex((value, index) => value !== right[index]);
        const expected = different < 0 ? 0 : Math.sign(left[different]! - right[different]!);
        assert.equal(Math.sign(compareVersions(left.join('.'), right.join('.'))), expected);
      }),
    );
  });
});
