import { dirname, resolve } from 'node:path';
import type { ServiceSpec } from '../domain/service/service.ts';
import { faultMessage } from '../config/fault.ts';
import { parseManifest } from '../config/manifest/parse.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './errors.ts';

/** The service a manifest describes; `-` reads standard input. */
export async function readManifestFile(context: CommandContext, file: string): Promise<ServiceSpec> {
  const text = file === '-' ? await readStdin(context) : await readText(context, file);
  // Who carries the rollout out stands elsewhere.
  const folder = file === '-' ? context.workingDirectory : dirname(resolve(context.workingDirectory, file));
  const parsed = parseManifest(text, folder);
  const name = file === '-' ? '(standard input)' : file;
  if (!parsed.ok) {
    const count = parsed.faults.length;
    throw new UsageError(`${name} has ${count === 1 ? 'a fault' : `${count} faults`}`, {
      faults: parsed.faults.map((fault) => ({
        at: `${name}:${fault.line}:${fault.column}`,
        path: fault.path,
        message: faultMessage(fault),
      })),
    });
  }
  return parsed.spec;
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
