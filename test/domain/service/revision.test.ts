import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  computeArtifactIdentity,
  formatEndpointUrl,
  parseRevision,
  formatRevisionName,
  formatStackName,
  formatArtifactLabel,
  LABEL_LIMIT,
} from '../../../src/domain/service/revision.ts';
import { NAME } from '../../../src/domain/service/service.ts';
import { someName, someService } from '../arbitrary.ts';

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
        assert.equal(parseRevision(formatRevisionName(number)), number);
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
    assert.equal(formatStackName({ name: 'web', environment: 'production' }, 17), 'web-production-r17');
  });

  it('is of letters, digits and hyphens only', () => {
    fc.assert(
      fc.property(someService, someNumber, (service, number) => {
        assert.match(formatStackName(service, number), /^[a-z][a-z0-9-]*-r[1-9]\d*$/);
      }),
    );
  });

  it('is the name of one revision only within its environment', () => {
    const small = fc.oneof(fc.integer({ min: 1, max: 12 }), someNumber);
    fc.assert(
      fc.property(someName, someName, someName, small, small, (environment, one, other, oneNumber, otherNumber) => {
        const same = one === other && oneNumber === otherNumber;
        const names = [
          formatStackName({ name: one, environment }, oneNumber),
          formatStackName({ name: other, environment }, otherNumber),
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
      assert.equal(formatEndpointUrl({ host, port: 80 }), url);
      assert.ok(URL.canParse(url));
    });
  }
});

describe('what an artifact is, wherever it lies', () => {
  const pin = `#sha256:${'0a'.repeat(32)}`;
  const cases: [string, string][] = [
    [`dir:/builds/1/app${pin}`, `dir:${pin}`],
    [`dir:/odd\n#sha256:/app${pin}`, `dir:${pin}`],
    ['dir:/builds/1/app', 'dir:/builds/1/app'],
    [`cmd:node server.mjs#dir:/builds/1`, 'cmd:node server.mjs#dir:/builds/1'],
    [`cmd:cat dir:/x${pin}`, `cmd:cat dir:/x${pin}`],
    ['npm:http-server@14.1.1', 'npm:http-server@14.1.1'],
  ];
  for (const [artifact, identity] of cases) {
    it(artifact, () => assert.equal(computeArtifactIdentity(artifact), identity));
  }
});

describe('the label of an artifact', () => {
  const pin = `#sha256:${'0a'.repeat(32)}`;
  const cases: [artifact: string, label: string][] = [
    ['npm:http-server@14.1.1', 'npm:http-server@14.1.1'],
    [`dir:/builds/app${pin}`, 'dir:/builds/app#sha256:0a0a0a0a0a0a'],
    [
      `dir:/home/ada/projects/2026/november/shop/services/checkout${pin}`,
      'dir:/home/ad…mber/shop/services/checkout#sha256:0a0a0a0a0a0a',
    ],
    [`npm:@example/${'x'.repeat(60)}@14.1.1`, `npm:@example…${'x'.repeat(40)}@14.1.1`],
  ];
  for (const [artifact, label] of cases) {
    it(`keeps its end: ${artifact}`, () => assert.equal(formatArtifactLabel(artifact), label));
  }

  it('has at most so many characters, and no halves of any, whatever it is of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (artifact) => {
        const label = formatArtifactLabel(artifact);
        assert.ok(label.length <= LABEL_LIMIT);
        assert.ok(label.isWellFormed());
      }),
    );
  });
});

describe('names in these tests', () => {
  it('are names of services', () => {
    fc.assert(fc.property(someName, (name) => NAME.test(name)));
  });
});
