import { dirname, isAbsolute, resolve } from 'node:path';
import type { ServiceSpec } from '../domain/service.ts';
import { faultMessage } from '../manifest/fault.ts';
import { parseManifest } from '../manifest/parse.ts';
import type { CommandContext } from './context.ts';
import { UsageError } from './errors.ts';

/** The service a manifest describes; `-` reads standard input. */
export async function readManifestFile(context: CommandContext, file: string): Promise<ServiceSpec> {
  const text = file === '-' ? await context.readStdin() : await readText(context, file);
  const parsed = parseManifest(text);
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
  const folder = file === '-' ? context.workingDirectory : dirname(resolve(context.workingDirectory, file));
  return { ...parsed.spec, artifact: absoluteArtifact(parsed.spec.artifact, folder) };
}

/** `dir:./app` means the folder beside the manifest; whoever carries the rollout out stands elsewhere. */
export function absoluteArtifact(artifact: string, folder: string): string {
  const [, path] = /^dir:(.+)$/s.exec(artifact) ?? [];
  return path === undefined || isAbsolute(path) ? artifact : `dir:${resolve(folder, path)}`;
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
