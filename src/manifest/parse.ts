import { isScalar } from 'yaml';
import {
  type BlueprintRef,
  CONCURRENCY_POLICIES,
  NAME,
  type RetentionSpec,
  type RouterSpec,
  type ServiceSpec,
  type StrategySpec,
} from '../domain/service.ts';
import { readChecks } from './checks.ts';
import { DEFAULT_RETENTION, DEFAULT_ROUTER, DEFAULT_STRATEGY } from './defaults.ts';
import { readDocument } from './document.ts';
import type { Fault } from './fault.ts';
import { readObject } from './json-value.ts';
import { Reader, type Spot } from './reader.ts';

export type ParsedManifest = { ok: true; spec: ServiceSpec } | { ok: false; faults: Fault[] };

export const API_VERSION = 'supplant.dev/v1';
export const KIND = 'Service';

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
  'concurrency',
] as const;
type Fields = Partial<Record<(typeof KEYS)[number], Spot>>;

const NAME_WANTED = 'lower-case letters, digits and hyphens, a letter first, at most 40, such as web';
const DAY = 86_400_000;

/** Reads a service's manifest (`supplant.yaml`): complete with defaults, or with all its faults. Never throws. */
export function parseManifest(text: string): ParsedManifest {
  const read = readDocument(text);
  if ('faults' in read) return { ok: false, faults: read.faults };
  const reader = new Reader(read.document);
  const spec = readService(reader, reader.spot('', read.document.root, 0));
  const faults = reader.faults;
  return faults.length > 0 ? { ok: false, faults } : { ok: true, spec };
}

/** Where there are faults, what is returned stands only for what could be read. */
function readService(reader: Reader, root: Spot): ServiceSpec {
  if (root.node === null || (isScalar(root.node) && root.node.value === null)) {
    reader.fault(root, 'a service: apiVersion, kind, name, environment, artifact and blueprint', 'an empty file');
    return emptySpec();
  }
  const faultsBefore = reader.faults.length;
  const fields = reader.fields(root, KEYS);
  if (reader.faults.length > faultsBefore && Object.keys(fields).length === 0) return emptySpec();
  readConstant(reader, root, fields, 'apiVersion', API_VERSION);
  readConstant(reader, root, fields, 'kind', KIND);
  return {
    service: {
      name: requiredText(reader, root, fields, 'name', NAME_WANTED, NAME),
      environment: requiredText(reader, root, fields, 'environment', NAME_WANTED.replace('web', 'production'), NAME),
    },
    artifact: requiredText(reader, root, fields, 'artifact', 'what to run, such as npm:http-server@14.1.1', /^\S/),
    blueprint: readBlueprint(reader, root, fields.blueprint),
    router: readRouter(reader, fields.router),
    strategy: readStrategy(reader, fields.strategy),
    checks: readChecks(reader, fields.checks),
    retention: readRetention(reader, fields.retention),
    ...readConcurrency(reader, fields.concurrency),
  };
}

function readConcurrency(reader: Reader, spot: Spot | undefined): Pick<ServiceSpec, 'concurrency'> {
  const concurrency = spot && reader.word(spot, CONCURRENCY_POLICIES);
  return concurrency ? { concurrency } : {};
}

function emptySpec(): ServiceSpec {
  return {
    service: { name: '', environment: '' },
    artifact: '',
    blueprint: { name: '', config: {} },
    router: DEFAULT_ROUTER,
    strategy: DEFAULT_STRATEGY,
    checks: [],
    retention: DEFAULT_RETENTION,
  };
}

function readConstant(reader: Reader, root: Spot, fields: Fields, key: 'apiVersion' | 'kind', value: string): void {
  const spot = fields[key];
  if (spot) reader.word(spot, [value]);
  else reader.missing(root, key, `${key}: ${value}`);
}

function requiredText(
  reader: Reader,
  parent: Spot,
  fields: Partial<Record<string, Spot>>,
  key: string,
  wanted: string,
  pattern: RegExp,
): string {
  const spot = fields[key];
  const text = spot ? reader.text(spot, wanted, pattern) : reader.missing(parent, key, wanted);
  return text ?? '';
}

/** `{name, config}`, or the name alone. */
function readBlueprint(reader: Reader, root: Spot, spot: Spot | undefined): BlueprintRef {
  const wanted = 'the name of a blueprint, such as local-process';
  if (!spot) reader.missing(root, 'blueprint', wanted);
  if (!spot) return { name: '', config: {} };
  if (isScalar(spot.node)) return { name: reader.text(spot, wanted, NAME) ?? '', config: {} };
  const fields = reader.fields(spot, ['name', 'config']);
  const name = requiredText(reader, spot, fields, 'name', wanted, NAME);
  return { name, config: fields.config ? readObject(reader, fields.config) : {} };
}

function readRouter(reader: Reader, spot: Spot | undefined): RouterSpec {
  if (!spot) return { ...DEFAULT_ROUTER };
  const { kind, port } = reader.fields(spot, ['kind', 'port']);
  const number = port && reader.wholeNumber(port, { least: 1, most: 65_535 });
  return {
    kind: (kind && reader.word(kind, ['embedded'])) ?? DEFAULT_ROUTER.kind,
    ...(typeof number === 'number' ? { port: number } : {}),
  };
}

function readStrategy(reader: Reader, spot: Spot | undefined): StrategySpec {
  if (!spot) return { ...DEFAULT_STRATEGY };
  const { kind, bake } = reader.fields(spot, ['kind', 'bake']);
  const limits = { least: 0, most: 14 * DAY, words: 'of at most 14 days (336h)' };
  return {
    kind: (kind && reader.word(kind, ['blue-green'])) ?? DEFAULT_STRATEGY.kind,
    bakeMs: (bake && reader.duration(bake, limits)) ?? DEFAULT_STRATEGY.bakeMs,
  };
}

function readRetention(reader: Reader, spot: Spot | undefined): RetentionSpec {
  if (!spot) return { ...DEFAULT_RETENTION };
  const fields = reader.fields(spot, ['warm', 'for']);
  const limits = { least: 0, most: 365 * DAY, words: 'of at most 365 days (8760h)' };
  return {
    warm: (fields.warm && reader.wholeNumber(fields.warm, { least: 0, most: 10 })) ?? DEFAULT_RETENTION.warm,
    warmForMs: (fields.for && reader.duration(fields.for, limits)) ?? DEFAULT_RETENTION.warmForMs,
  };
}
