import { type DescField, type DescMessage, type Message, ScalarType, create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { WEB } from '../gateway.ts';

/** Deeper messages than this are left empty; the API's own nest less. */
const DEEPEST = 4;

const NIGHTLY = 'experiments/nightly/environments/production';
const NAMES = [
  ...[WEB, `${WEB}/rollouts/12`, `${WEB}/rollouts/-`, `${WEB}/revisions/17`, `${WEB}/rollouts/13`],
  ...[NIGHTLY, `${NIGHTLY}/runs/12`, `${NIGHTLY}/runs/-`],
];

const HOSTILE = [
  '',
  ' ',
  '-',
  '0',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  'services/../environments/production',
  'services/web/environments/production/rollouts/0',
  'services/web/environments/production/rollouts/99999999999999999999',
  'services/WEB/environments/production',
  'web/production',
  '\u0000',
  'a\r\nb: c',
  '\u202eabc',
  '💥'.repeat(300),
  "'; DROP TABLE rollouts; --",
  '${jndi:ldap://127.0.0.1/a}',
  '&a [*a, *a]',
  'apiVersion: supplant.dev/v1\nkind: Service\nname: web\n',
  '{'.repeat(3000),
  'x'.repeat(1001),
  'y'.repeat(70_000),
];

const text = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...NAMES) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      'a-request',
      'local-process',
      'npm:http-server@14.1.1',
      'production',
      'feature/login',
      '#1',
    ),
  },
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

const int32 = fc.oneof(fc.constantFrom(0, 1, 2, 17, 50, -1, 2 ** 31 - 1, -(2 ** 31)), fc.integer());
const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 3600n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

/** A scalar of a field's type; only types that this API uses. */
function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return int32;
    case ScalarType.INT64:
      return int64;
    case ScalarType.DOUBLE:
      return fc.double();
    default:
      throw new Error(`no values for fields of type ${ScalarType[type]}: add them here`);
  }
}

/** What a field's value may be, or undefined to leave it out. */
function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case 'scalar':
      return scalar(field.scalar);
    case 'enum':
      return fc.oneof(fc.constantFrom(...field.enum.values.map(({ number }) => number)), int32);
    case 'message':
      return messageInit(field.message, depth + 1);
    case 'list':
      return fc.array(listItem(field, depth), { maxLength: 3 });
    case 'map':
      return fc.dictionary(text, field.mapKind === 'scalar' ? scalar(field.scalar) : fc.constant({}), { maxKeys: 3 });
  }
}

function listItem(field: DescField & { fieldKind: 'list' }, depth: number): fc.Arbitrary<unknown> {
  switch (field.listKind) {
    case 'scalar':
      return scalar(field.scalar);
    case 'enum':
      return int32;
    case 'message':
      return messageInit(field.message, depth + 1);
  }
}

/** What `create` takes to make a message of a type. */
function messageInit(desc: DescMessage, depth = 0): fc.Arbitrary<object> {
  if (desc.typeName === 'google.protobuf.Struct') return struct;
  if (depth > DEEPEST) return fc.constant({});
  const alone = desc.fields.filter(({ oneof }) => oneof === undefined);
  const plain = Object.fromEntries(alone.map((field) => [field.localName, present(field, depth)]));
  const choices = desc.oneofs.map((oneof): [string, fc.Arbitrary<unknown>] => {
    const cases = oneof.fields.map((field) =>
      fieldValue(field, depth).map((value) => ({ case: field.localName, value })),
    );
    return [oneof.localName, fc.oneof(...cases.map((arbitrary) => ({ weight: 4, arbitrary })), fc.constant(undefined))];
  });
  return fc.record({ ...plain, ...Object.fromEntries(choices) }).map(withoutUndefined);
}

/** Half of all optional things are left out; `validate_only` mostly, so that something is accepted. */
function present(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const value = fieldValue(field, depth);
  if (field.name === 'validate_only') return fc.option(value, { nil: undefined, freq: 2 });
  if (field.name === 'name' || field.name === 'parent') return value;
  if (field.fieldKind === 'scalar' && (field.name === 'reason' || field.name === 'request_id')) {
    return fc.oneof({ weight: 3, arbitrary: fc.constantFrom('', 'a-request') }, { weight: 1, arbitrary: value });
  }
  return fc.option(value, { nil: undefined, freq: 2 });
}

const struct = fc.oneof(
  fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 4 },
  ),
  fc.integer({ min: 1, max: 60 }).map((depth) => nested(depth)),
) as fc.Arbitrary<object>;

function nested(depth: number): object {
  return depth === 0 ? {} : { deeper: nested(depth - 1) };
}

function withoutUndefined(init: object): object {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

/** Any message of a type: of the right shape, with whatever in it. */
export function messages(desc: DescMessage): fc.Arbitrary<Message> {
  return messageInit(desc).map((init) => create(desc, init as never));
}
