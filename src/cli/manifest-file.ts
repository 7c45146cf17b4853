import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { ServiceSpec } from '../domain/service/service.ts';
import { type Described, parseDescription } from '../config/description.ts';
import { type Fault, faultMessage } from '../config/fault.ts';
import { jsonObject } from '../config/json-field.ts';
import { parseManifest } from '../config/manifest/parse.ts';
import { readYaml } from '../config/yaml/read.ts';
import type { JsonObject } from '../domain/json.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './errors.ts';

/** What a file describes that can be applied; `-` reads standard input. */
export async function readDescriptionFile(context: CommandContext, file: string): Promise<Described> {
  const { folder, text } = await readFile(context, file);
  const parsed = parseDescription(text, folder);
  if (!parsed.ok) throw faultsOf(file, parsed.faults);
  return parsed.described;
}

/** The service a manifest describes; `-` reads standard input. */
export async function readManifestFile(context: CommandContext, file: string): Promise<ServiceSpec> {
  const { folder, text } = await readFile(context, file);
  const parsed = parseManifest(text, folder);
  if (!parsed.ok) throw faultsOf(file, parsed.faults);
  return parsed.spec;
}

/** A JSON merge patch, in YAML or JSON; `-` reads standard input. */
export async function readPatchFile(context: CommandContext, file: string): Promise<JsonObject> {
  return readYamlFile(context, file, jsonObject(), 'a patch, such as blueprint: {config: {env: {FLAG: "1"}}}');
}

/** What else a file may hold, read by its schema. @param whole what the file as a whole has to be */
export async function readYamlFile<T>(
  context: CommandContext,
  file: string,
  schema: z.ZodType<T>,
  whole: string,
): Promise<T> {
  const { text } = await readFile(context, file);
  const read = readYaml(text, schema, whole);
  if (!read.ok) throw faultsOf(file, read.faults);
  return read.value;
}

/** A file's text, and the folder that its paths count from. */
async function readFile(context: CommandContext, file: string): Promise<{ text: string; folder: string }> {
  const text = file === '-' ? await readStdin(context) : await readText(context, file);
  // Who carries the rollout out stands elsewhere.
  const folder = file === '-' ? context.workingDirectory : dirname(resolve(context.workingDirectory, file));
  return { text, folder };
}

function faultsOf(file: string, faults: readonly Fault[]): UsageError {
  const name = file === '-' ? '(standard input)' : file;
  const count = faults.length;
  return new UsageError(`${name} has ${count === 1 ? 'a fault' : `${count} faults`}`, {
    faults: faults.map((fault) => ({
      at: `${name}:${fault.line}:${fault.column}`,
      path: fault.path,
      message: faultMessage(fault),
    })),
  });
}

async function readStdin(context: CommandContext): Promise<string> {
  try {
    return await context.readStdin();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`standard input cannot be read: ${why}`, { suggestion: 'name the file: -f supplant.yaml' });
  }
}

async function readText(context: CommandContext, file: string): Promise<string> {
  try {
    return await context.readFile(resolve(context.workingDirectory, file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EISDIR'
          ? 'is a folder'
          : `cannot be read (${code ?? String(error)})`;
    throw new UsageError(`${file} ${why}`, { suggestion: 'supplant init writes a first supplant.yaml' });
  }
}
