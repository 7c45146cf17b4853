import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parseServiceId, formatServiceId } from '../../../src/domain/service/service.ts';
import { someService } from '../arbitrary.ts';

const LONGEST = `a${'b'.repeat(39)}`;

describe('reading a service', () => {
  const sound: [string, string, string][] = [
    ['web/production', 'web', 'production'],
    ['a/b', 'a', 'b'],
    ['web-2/eu-west-1', 'web-2', 'eu-west-1'],
    ['a--b/c', 'a--b', 'c'],
    [`${LONGEST}/${LONGEST}`, LONGEST, LONGEST],
  ];
  for (const [text, name, environment] of sound) {
    it(text, () => {
      assert.deepEqual(parseServiceId(text), { name, environment });
    });
  }

  const unsound = [
    ...[
      '',
      '/',
      'web',
      'web/',
      '/production',
      'web/production/',
      'web/production/x',
      '/web/production',
      'web//production',
    ],
    ...[
      'Web/production',
      'web/Production',
      'web_2/production',
      '2web/production',
      '-web/production',
      'web-/production',
    ],
    ...[
      'web/-production',
      'web/production-',
      'wéb/production',
      'web /production',
      ' web/production',
      'web/production\n',
    ],
    ...['web.a/production', '../production', 'web/..', `${LONGEST}c/production`, `web/${LONGEST}c`],
  ];
  for (const text of unsound) {
    it(`${JSON.stringify(text)}: none`, () => {
      assert.equal(parseServiceId(text), undefined);
    });
  }

  it('reads what it is called', () => {
    fc.assert(
      fc.property(someService, (service) => {
        assert.deepEqual(parseServiceId(formatServiceId(service)), service);
      }),
    );
  });

  it('reads only what it would be called, and never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-zA-Z0-9/_-]{0,12}$/),
      fc.stringMatching(/^[a-z-]{1,4}\/[a-z-]{1,4}$/),
    );
    fc.assert(
      fc.property(text, (each) => {
        const service = parseServiceId(each);
        assert.ok(service === undefined || formatServiceId(service) === each);
      }),
      { numRuns: 1000 },
    );
  });
});
