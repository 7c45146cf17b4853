import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCause, extractExcerpt } from '../../src/domain/evidence/excerpt.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { dropFirstLine } from '../../src/host/whole-lines.ts';
import { createConfigRedactor } from '../../src/secrets/secrets.ts';
import { placed } from './launcher.ts';
import { logPath } from './layout.ts';
import type { ProcessRecord } from './records.ts';

const LOOKED_AT = 64 * 1024;
/** For the last of its output to reach the log. What the process has left running may keep the pipe open for ever. */
const KEPT_MS = 1_000;

/**
 * What a process said before it ended, to follow a sentence about its end: the line that names the cause, then the lines
 * that matter, without the values of its variables.
 * @param kept resolves when its output is all in the log
 */
export async function lastWords(path: string, record: ProcessRecord, kept?: Promise<void>): Promise<string> {
  const waiting = new AbortController();
  await Promise.race([kept, sleep(kept ? KEPT_MS : 0, undefined, { signal: waiting.signal })]);
  waiting.abort();
  const redact = await createRecordRedactor(record);
  const text = redact(await tail(logPath(dirname(path), record.name)));
  if (text.trim() === '') return '; it wrote nothing';
  const cause = findCause(text);
  return `${cause === undefined ? '' : `: ${cause}`}; its last lines:\n${extractExcerpt(text)}`;
}

/** Hides the values of a process's variables, in whatever of its output is shown. */
export async function createRecordRedactor(record: ProcessRecord): Promise<(text: string) => string> {
  const { env, secrets, passEnv } = record.spec;
  const values = Object.entries(env).map(([name, text]) => [name, placed(text, record)]);
  const references = Object.entries(secrets).map(([name, secret]) => [name, { secret }]);
  return createConfigRedactor({ env: Object.fromEntries([...values, ...references]) as JsonObject, passEnv });
}

async function tail(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOOKED_AT);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line is most likely half of one, and half of a secret is not recognised.
    return start === 0 ? text : dropFirstLine(text);
  } finally {
    await file.close();
  }
}
