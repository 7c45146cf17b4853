import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../src/config/duration.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { parseManifest } from '../../../src/config/manifest/parse.ts';
import { renderManifest } from './render.ts';
import { someSpec } from './arbitrary.ts';

describe('renderManifest', () => {
  it('writes what parseManifest reads back as the same service', () => {
    fc.assert(
      fc.property(someSpec, (service) => {
        const parsed = parseManifest(renderManifest(service));
        assert.ok(parsed.ok, JSON.stringify(parsed));
        assert.equal(JSON.stringify(parsed.spec.blueprint.config), JSON.stringify(service.blueprint.config));
        assert.deepEqual(JSON.parse(JSON.stringify(parsed.spec)), JSON.parse(JSON.stringify(service)));
      }),
    );
  });
});

describe('parseDuration', () => {
  const cases: [string, number | undefined][] = [
    ['0s', 0],
    ['500ms', 500],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1m5ms', 60_005],
    ['', undefined],
    ['10', undefined],
    ['s', undefined],
    ['30m1h', undefined],
    ['1.5s', undefined],
    ['-1s', undefined],
    ['1 s', undefined],
    ['5d', undefined],
  ];
  for (const [text, milliseconds] of cases) {
    it(`reads '${text}' as ${milliseconds ?? 'no duration'}`, () => assert.equal(parseDuration(text), milliseconds));
  }
  it('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.nat(), (milliseconds) => assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds)),
    );
  });
});

describe('nearest', () => {
  it('finds the word that was meant, and none where none was', () => {
    assert.deepEqual(nearest('statsu', ['path', 'status']), ['status']);
    assert.deepEqual(nearest('checks', ['router', 'artifact']), []);
    assert.deepEqual(nearest('wbe', ['web', 'worker', 'wb'], 2), ['web', 'wb']);
    assert.deepEqual(nearest('pl', ['a1', 'a3', 'pla']), ['pla']);
  });
});
