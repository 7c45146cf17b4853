import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { endpointUrl, parseRevision, revisionName, stackName } from '../../src/domain/revision.ts';
import { NAME } from '../../src/domain/service.ts';
import { someName, someService } from './arbitrary.ts';

const someNumber = fc.integer({ min: 1, max: 999_999_999 });

describe('reading a revision', () => {
  const cases: [string, number | undefined][] = [
    ['r17', 17],
    ['17', 17],
    ['r1', 1],
    ['999999999', 999_999_999],
    ...[
      '',
      'r',
      'r0',
      '0',
      '017',
      'r017',
      'R17',
      'rr1',
      'r-1',
      '-1',
      '1.5',
      '1e3',
      '0x1',
      ' 17',
      '17 ',
      'r17\n',
      '١',
    ].map((text): [string, undefined] => [text, undefined]),
    ['1000000000', undefined],
  ];
  for (const [text, number] of cases) {
    it(`${JSON.stringify(text)}: ${number ?? 'none'}`, () => {
      assert.equal(parseRevision(text), number);
    });
  }

  it('reads what it is called, with and without the letter', () => {
    fc.assert(
      fc.property(someNumber, (number) => {
        assert.equal(parseRevision(revisionName(number)), number);
        assert.equal(parseRevision(String(number)), number);
      }),
    );
  });

  it('reads nothing but positive whole numbers, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^r?\d{0,12}$/)), (text) => {
        const number = parseRevision(text);
        assert.ok(
          number === undefined || (Number.isSafeInteger(number) && number > 0 && text.endsWith(String(number))),
        );
      }),
    );
  });
});

describe('the name of a stack', () => {
  it('says service, environment and revision', () => {
    assert.equal(stackName({ name: 'web', environment: 'production' }, 17), 'web-production-r17');
  });

  it('is of letters, digits and hyphens only', () => {
    fc.assert(
      fc.property(someService, someNumber, (service, number) => {
        assert.match(stackName(service, number), /^[a-z][a-z0-9-]*-r[1-9]\d*$/);
      }),
    );
  });

  it('is the name of one revision only within its environment', () => {
    const small = fc.oneof(fc.integer({ min: 1, max: 12 }), someNumber);
    fc.assert(
      fc.property(someName, someName, someName, small, small, (environment, one, other, oneNumber, otherNumber) => {
        const same = one === other && oneNumber === otherNumber;
        const names = [
          stackName({ name: one, environment }, oneNumber),
          stackName({ name: other, environment }, otherNumber),
        ];
        assert.equal(names[0] === names[1], same);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the address of an endpoint', () => {
  const cases: [string, string][] = [
    ['127.0.0.1', 'http://127.0.0.1:80'],
    ['localhost', 'http://localhost:80'],
    ['::1', 'http://[::1]:80'],
  ];
  for (const [host, url] of cases) {
    it(host, () => {
      assert.equal(endpointUrl({ host, port: 80 }), url);
      assert.ok(URL.canParse(url));
    });
  }
});

describe('names in these tests', () => {
  it('are names of services', () => {
    fc.assert(fc.property(someName, (name) => NAME.test(name)));
  });
});
