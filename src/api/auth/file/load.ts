import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Fault, faultMessage } from '../../../manifest/fault.ts';
import type { AccessConfig } from '../config.ts';
import { AccessConfigError } from './error.ts';
import { parseAccess } from './parse.ts';

/**
 * Reads an access file. Paths in it are relative to where it lies.
 *
 * @throws {AccessConfigError} with all that is wrong with it
 */
export async function loadAccess(file: string): Promise<AccessConfig> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new AccessConfigError(`the access file ${file} cannot be read${code}`, { cause });
  });
  const parsed = parseAccess(text, (path) => readFileSync(resolve(dirname(file), path), 'utf8'));
  if (parsed.ok) return parsed.config;
  const lines = parsed.faults.map((fault) => `  ${describeFault(file, fault)}`);
  throw new AccessConfigError(`the access file is not right:\n${lines.join('\n')}`, { faults: parsed.faults });
}

function describeFault(file: string, fault: Fault): string {
  const path = fault.path === '' ? '' : `${fault.path}: `;
  return `${file}:${fault.line}:${fault.column}: ${path}${faultMessage(fault)}`;
}
