import { checkExperimentManifest, parseExperimentManifest } from '../config/experiment/parse.ts';
import { EXPERIMENT_KIND } from '../config/experiment/schema.ts';
import { faultMessage, formatPath, MOST_FAULTS } from '../config/fault.ts';
import { API_VERSION } from '../config/manifest/schema.ts';
import { LONGEST_FILE } from '../config/yaml/document.ts';
import { locateExperimentField, readExperimentFields } from '../contract/convert/experiment/manifest.ts';
import type {
  ApplyExperimentRequest,
  ExperimentSpec as SpecMessage,
} from '../contract/gen/supplant/v1/experiments_pb.ts';
import type { ExperimentSpec } from '../domain/experiment/experiment.ts';
import type { Faults } from './faults.ts';
import { AS_WRITTEN, isWhole } from './read-spec.ts';

/**
 * What an experiment is to be, with defaults and within limits: those of a manifest, whether it came as one or field by
 * field. Undefined where there are faults.
 */
export function readExperimentDescription(
  faults: Faults,
  description: ApplyExperimentRequest['description'],
): ExperimentSpec | undefined {
  switch (description.case) {
    case 'spec':
      return readMessage(faults, description.value);
    case 'manifest':
      return readManifest(faults, description.value);
    case undefined:
      faults.expected('description', 'one of spec, manifest', '');
      return undefined;
  }
}

function readManifest(faults: Faults, text: string): ExperimentSpec | undefined {
  if (!isWhole(faults, text)) return undefined;
  const parsed = parseExperimentManifest(text);
  if (parsed.ok) return parsed.spec;
  for (const fault of parsed.faults) {
    const place = `manifest:${fault.line}:${fault.column}`;
    faults.add(fault.path === '' ? place : `${place} ${fault.path}`, faultMessage(fault));
  }
  return undefined;
}

function readMessage(faults: Faults, message: SpecMessage): ExperimentSpec | undefined {
  if (message.preview) faults.expected('spec.preview', 'none here: OpenPreview makes previews', message.preview.branch);
  const manifest = { apiVersion: API_VERSION, kind: EXPERIMENT_KIND, ...readExperimentFields(message, AS_WRITTEN) };
  const text = JSON.stringify(manifest);
  if (!isWhole(faults, text)) return undefined;
  if (text.length > LONGEST_FILE) {
    faults.expected('spec', `at most ${LONGEST_FILE} characters as JSON`, `${text.length}`);
    return undefined;
  }
  const checked = checkExperimentManifest(manifest);
  if (checked.ok) return checked.spec;
  for (const problem of checked.problems.slice(0, MOST_FAULTS)) {
    faults.add(formatPath(['spec', ...locateExperimentField(message, problem.path)]), faultMessage(problem));
  }
  return undefined;
}
