import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescOneof,
  type MessageInitShape,
  type MessageShape,
  fromJson,
  toJson,
} from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { type Duration, DurationSchema, StructSchema, type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import type { Json } from '../../domain/json.ts';
import { toDuration } from './time.ts';
import { WORDS, isInline, isNumeric, readKey, readKindName } from './spec-names.ts';

/** A mapping as a manifest has it. */
export type Fields = Record<string, unknown>;

/** How a manifest writes what has a form of its own in a message. */
export interface Notation {
  duration(value: Duration): unknown;
  /** The number of an enumeration that has no word here. */
  unknownWord(number: number): unknown;
}

/** What a message says, as a manifest says it. What is absent or empty in the message is left out. */
export function readFields<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  notation: Notation,
): Fields {
  return new Reader(notation).message(desc, message);
}

/** A message that says what a mapping does, which has its durations in milliseconds. */
export function writeFields<Desc extends DescMessage>(desc: Desc, fields: object): MessageInitShape<Desc> {
  return writeMessage(desc, fields as Fields) as MessageInitShape<Desc>;
}

/** Which of several fields a message has. */
interface Choice {
  case: string | undefined;
  value?: unknown;
}

class Reader {
  readonly #notation: Notation;

  constructor(notation: Notation) {
    this.#notation = notation;
  }

  message(desc: DescMessage, message: Fields): Fields {
    const fields = desc.members.flatMap((member) => {
      const value = message[member.localName];
      if (member.kind === 'oneof') return this.#choice(member, value as Choice);
      return isSet(member, value) ? [[readKey(member), this.#field(member, value)]] : [];
    });
    return Object.fromEntries(fields) as Fields;
  }

  #choice(oneof: DescOneof, choice: Choice): [string, unknown][] {
    const chosen = oneof.fields.find(({ localName }) => localName === choice.case);
    if (!chosen) return [];
    const value = this.#field(chosen, choice.value);
    const kind: [string, unknown][] = oneof.name === 'kind' ? [['kind', readKindName(chosen)]] : [];
    return [
      ...kind,
      ...(isInline(chosen) ? Object.entries(value as Fields) : [[readKey(chosen), value] as [string, unknown]]),
    ];
  }

  #field(field: DescField, value: unknown): unknown {
    switch (field.fieldKind) {
      case 'scalar':
        return isNumeric(field) && /^\d+$/.test(String(value)) ? Number(value) : value;
      case 'enum':
        return this.#word(field.enum, value as number);
      case 'message':
        return this.#value(field.message, value);
      case 'list':
        return (value as unknown[]).map((item) => this.#item(field, item)).filter((item) => item !== undefined);
      case 'map':
        return mapValues(value as Fields, (item) => (field.message ? this.#value(field.message, item) : item));
    }
  }

  #item(field: DescField & { fieldKind: 'list' }, item: unknown): unknown {
    if (field.message) return this.#value(field.message, item);
    return field.enum ? this.#word(field.enum, item as number) : item;
  }

  #word({ typeName }: DescEnum, number: number): unknown {
    return WORDS[typeName]?.word(number) ?? this.#notation.unknownWord(number);
  }

  #value(desc: DescMessage, value: unknown): unknown {
    switch (desc.typeName) {
      case DurationSchema.typeName:
        return this.#notation.duration(value as Duration);
      case StructSchema.typeName:
        return value;
      case ValueSchema.typeName:
        return readValue(value as Value);
      default:
        return this.message(desc, value as Fields);
    }
  }
}

/** A `google.protobuf.Value`; one that says nothing stands for null. */
function readValue(value: Value): Json {
  return value.kind.case === undefined ? null : toJson(ValueSchema, value);
}

/** Whether a message says anything with a field. An empty one stands for an absent one, but where both can be told apart. */
function isSet(field: DescField, value: unknown): boolean {
  if (value === undefined) return false;
  if (field.fieldKind === 'list') return (value as unknown[]).length > 0;
  if (field.fieldKind === 'map') return Object.keys(value as Fields).length > 0;
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return true;
  return value !== '' && value !== 0 && value !== false;
}

function writeMessage(desc: DescMessage, fields: Fields): Fields {
  const written = desc.members.flatMap((member): [string, unknown][] => {
    if (member.kind === 'oneof') return writeChoice(member, fields);
    const value = fields[readKey(member)];
    return value === undefined ? [] : [[member.localName, writeField(member, value)]];
  });
  return Object.fromEntries(written);
}

function writeChoice(oneof: DescOneof, fields: Fields): [string, unknown][] {
  for (const field of oneof.fields) {
    const isChosen = oneof.name === 'kind' ? fields.kind === readKindName(field) : fields[readKey(field)] !== undefined;
    if (!isChosen) continue;
    const value = writeField(field, isInline(field) ? fields : fields[readKey(field)]);
    return [[oneof.localName, { case: field.localName, value }]];
  }
  return [];
}

function writeField(field: DescField, value: unknown): unknown {
  switch (field.fieldKind) {
    case 'scalar':
      return isNumeric(field) ? String(value) : value;
    case 'enum':
      return writeWord(field.enum, value as string);
    case 'message':
      return writeValue(field.message, value);
    case 'list':
      return (value as unknown[]).map((item) => writeItem(field, item));
    case 'map':
      return mapValues(value as Fields, (item) => (field.message ? writeValue(field.message, item) : item));
  }
}

function writeItem(field: DescField & { fieldKind: 'list' }, item: unknown): unknown {
  if (field.message) return writeValue(field.message, item);
  return field.enum ? writeWord(field.enum, item as string) : item;
}

function writeWord({ typeName }: DescEnum, word: string): number {
  return WORDS[typeName]?.numberOf(word) ?? 0;
}

function writeValue(desc: DescMessage, value: unknown): unknown {
  switch (desc.typeName) {
    case DurationSchema.typeName:
      return toDuration(value as number);
    case StructSchema.typeName:
      return value;
    case ValueSchema.typeName:
      return fromJson(ValueSchema, value as Json);
    default:
      return writeMessage(desc, value as Fields);
  }
}

function mapValues(record: Fields, convert: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
}
