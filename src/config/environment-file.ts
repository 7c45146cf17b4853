import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import { NAME } from '../domain/service/service.ts';
import type { Fault } from './fault.ts';
import { constant, mapping, text } from './fields.ts';
import { readYaml } from './yaml/read.ts';

/** What several services share, as a file describes it. */
export const environmentFileSchema = mapping({
  apiVersion: constant('apiVersion', 'supplant.dev/v1'),
  kind: constant('kind', 'Environment'),
  name: text('the name of an environment, such as production', NAME).describe('The environment, as services name it.'),
  blueprint: mapping({
    name: text('the name of a blueprint, such as aws-environment', NAME).describe('What turns it into a stack.'),
    config: z.record(z.string(), z.unknown(), { error: 'a mapping' }).prefault({}).describe("The blueprint's own."),
  }),
});

export interface EnvironmentDescription {
  name: string;
  blueprint: { name: string; config: JsonObject };
}

/** Reads the file of an environment: its description, or all its faults. Never throws. */
export function parseEnvironmentFile(
  source: string,
): { ok: true; environment: EnvironmentDescription } | { ok: false; faults: Fault[] } {
  const read = readYaml(source, environmentFileSchema, 'an environment: apiVersion, kind, name and blueprint');
  if (!read.ok) return read;
  const { name, blueprint } = read.value;
  return { ok: true, environment: { name, blueprint: { ...blueprint, config: blueprint.config as JsonObject } } };
}
