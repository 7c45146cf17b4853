import type { Duration } from '@bufbuild/protobuf/wkt';
import type { ServiceSpec } from '../domain/service/service.ts';
import {
  type ApplyServiceRequest,
  type ServiceSpec as SpecMessage,
  ServiceSpecSchema,
} from '../contract/gen/supplant/v1/services_pb.ts';
import { formatDuration } from '../config/duration.ts';
import { faultMessage, formatPath, MOST_FAULTS } from '../config/fault.ts';
import { checkManifest, parseManifest } from '../config/manifest/parse.ts';
import { API_VERSION, KIND } from '../config/manifest/schema.ts';
import { LONGEST_FILE } from '../config/yaml/document.ts';
import { toFieldPath } from '../contract/convert/field-path.ts';
import { type Notation, readFields } from '../contract/convert/spec-fields.ts';
import type { Faults } from './faults.ts';

/**
 * What a service is to be, with defaults and within limits: those of a manifest, whether it came as one or field by
 * field. Undefined where there are faults.
 */
export function readDescription(
  faults: Faults,
  description: ApplyServiceRequest['description'],
): ServiceSpec | undefined {
  switch (description.case) {
    case 'spec':
      return readMessage(faults, description.value);
    case 'manifestYaml':
      return readManifest(faults, description.value);
    case undefined:
      faults.expected('description', 'one of spec, manifest_yaml', '');
      return undefined;
  }
}

function readManifest(faults: Faults, text: string): ServiceSpec | undefined {
  if (!isWhole(faults, text)) return undefined;
  const parsed = parseManifest(text);
  if (parsed.ok) return parsed.spec;
  for (const fault of parsed.faults) {
    const place = `manifest_yaml:${fault.line}:${fault.column}`;
    faults.add(fault.path === '' ? place : `${place} ${fault.path}`, faultMessage(fault));
  }
  return undefined;
}

function readMessage(faults: Faults, message: SpecMessage): ServiceSpec | undefined {
  const fields = readFields(ServiceSpecSchema, message, AS_WRITTEN);
  const manifest = { apiVersion: API_VERSION, kind: KIND, ...fields };
  const text = JSON.stringify(manifest);
  if (!isWhole(faults, text)) return undefined;
  if (text.length > LONGEST_FILE) {
    faults.expected('spec', `at most ${LONGEST_FILE} characters as JSON`, `${text.length}`);
    return undefined;
  }
  const checked = checkManifest(manifest);
  if (checked.ok) return checked.spec;
  for (const problem of checked.problems.slice(0, MOST_FAULTS)) {
    const path = toFieldPath(ServiceSpecSchema, message, problem.path);
    faults.add(formatPath(['spec', ...path]), faultMessage(problem));
  }
  return undefined;
}

/** Half of a surrogate pair, as JSON escapes it. */
const HALF_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/i;

/** Whether no half of a surrogate pair is in it, which is a fault. YAML would make two that stand apart one again. */
export function isWhole(faults: Faults, text: string): boolean {
  if (text.isWellFormed() && !HALF_PAIR.test(text)) return true;
  faults.add('description', 'expected Unicode text, found half of a surrogate pair');
  return false;
}

/** As a manifest writes it; what it cannot write is left for it to refuse. */
export const AS_WRITTEN: Notation = { duration: writeDuration, unknownWord: String };

function writeDuration({ seconds, nanos }: Duration): string {
  const milliseconds = Number(seconds) * 1000 + nanos / 1_000_000;
  return milliseconds >= 0 && Number.isInteger(milliseconds) ? formatDuration(milliseconds) : `${milliseconds}ms`;
}
