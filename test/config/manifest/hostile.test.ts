import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { type ParsedManifest, parseManifest } from '../../../src/config/manifest/parse.ts';

/** What every answer owes its reader, whatever the text was. */
function assertSound(parsed: ParsedManifest, text: string): void {
  if (parsed.ok) return;
  const lines = text.split('\n').length;
  assert.ok(parsed.faults.length > 0 && parsed.faults.length <= 50);
  for (const fault of parsed.faults) {
    assert.ok(fault.line >= 1 && fault.line <= lines && fault.column >= 1, JSON.stringify(fault));
    assert.ok(fault.found !== '' && fault.wanted !== '');
  }
}

const KEYS = [
  'apiVersion',
  'kind',
  'name',
  'environment',
  'artifact',
  'blueprint',
  'router',
  'strategy',
  'checks',
  'retention',
  'http',
  'command',
  'status',
  'headers',
  'config',
  'deadline',
  '__proto__',
  '<<',
];
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<unknown>(
      'supplant.dev/v1',
      'Service',
      'web',
      'local-process',
      'embedded',
      '10s',
      200,
      -1,
      1e300,
      Number.NaN,
      null,
      true,
      '',
    ),
    fc.array(tie('node'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('node')), { maxLength: 8 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).node;

describe('parseManifest on hostile input', () => {
  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => assertSound(parseManifest(text), text)),
    );
  });

  it('never throws on text made of what YAML is made of', () => {
    const piece = fc.constantFrom(
      ...KEYS,
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '&a ',
      '*a',
      '!!binary ',
      '? ',
      '|\n',
      '>\n',
      "'",
      '"',
      '#',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '\t',
      '1',
      '~',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) =>
        assertSound(parseManifest(pieces.join('')), pieces.join('')),
      ),
    );
  });

  it('never throws on any tree, as YAML or as JSON', () => {
    fc.assert(
      fc.property(tree, (value) => {
        for (const text of [stringify(value), `${JSON.stringify(value)}\n`]) assertSound(parseManifest(text), text);
      }),
    );
  });

  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(', ')}]`),
  ];
  const inConfig = `blueprint: {name: local-process, config: {${bomb.join(', ')}}}\n`;
  const texts: [string, string][] = [
    ['an alias bomb', inConfig],
    ['a mapping that contains itself', 'blueprint: {name: a, config: &c {again: *c}}\n'],
    ['very deep nesting', '['.repeat(60_000)],
    ['very deep nesting in blocks', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['many faults', Array.from({ length: 4000 }, (_, index) => `key${index}: 1`).join('\n')],
    ['a very long line', `name: ${'a'.repeat(60_000)}\n`],
    ['too much', 'a'.repeat(1_000_000)],
    ['a merge key', 'defaults: &d {name: web}\n<<: *d\n'],
    ['binary data', '!!binary '],
    ['a windows file', 'kind: Service\r\nname: web\r\n'],
    ['a byte order mark', '\uFEFFkind: Service\n'],
  ];
  for (const [what, text] of texts) {
    it(`answers ${what} with faults`, () => {
      const parsed = parseManifest(text);
      assert.equal(parsed.ok, false);
      assertSound(parsed, text);
    });
  }
});
