import { dirname, resolve } from 'node:path';
import { type Fault, faultMessage } from '../../../config/fault.ts';
import type { AccessConfig } from '../config.ts';
import type { ReadFile } from './certificates.ts';
import { AccessConfigError } from './error.ts';
import { parseAccess } from './parse.ts';

/**
 * Reads an access file. Paths in it are relative to where it lies.
 *
 * @throws {AccessConfigError} with all that is wrong with it
 */
export function loadAccess(file: string, readFile: ReadFile): AccessConfig {
  const parsed = parseAccess(textOf(file, readFile), (path) => readFile(resolve(dirname(file), path)));
  if (parsed.ok) return parsed.config;
  const lines = parsed.faults.map((fault) => `  ${describeFault(file, fault)}`);
  throw new AccessConfigError(`the access file is not right:\n${lines.join('\n')}`, { faults: parsed.faults });
}

function textOf(file: string, readFile: ReadFile): string {
  try {
    return readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new AccessConfigError(`the access file ${file} cannot be read${code}`, { cause });
  }
}

function describeFault(file: string, fault: Fault): string {
  const path = fault.path === '' ? '' : `${fault.path}: `;
  return `${file}:${fault.line}:${fault.column}: ${path}${faultMessage(fault)}`;
}
