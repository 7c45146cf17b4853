import { stat } from 'node:fs/promises';
import type { CommandCheck } from '../../domain/evidence/checks.ts';
import { findCause } from '../../domain/evidence/excerpt.ts';
import { type Endpoint, formatEndpointUrl } from '../../domain/service/revision.ts';
import { type CommandExit, runCommand } from '../../host/run-command.ts';
import type { Attempt, Redact } from './outcome.ts';

const OUTPUT_KEPT = 64 * 1024;

/**
 * Runs the command once against one endpoint, without a shell. Exit code 0 is a success. What it leaves running is ended
 * with it.
 */
export async function attemptCommand(
  check: CommandCheck,
  endpoint: Endpoint,
  signal: AbortSignal,
  redact: Redact = (text) => text,
): Promise<Attempt> {
  const [program = '', ...args] = check.command.map((part) => filled(part, endpoint));
  const what = [program, ...args].join(' ');
  const cwd = check.workingDirectory ?? '/';
  if (!(await isFolder(cwd))) {
    return { ok: false, carriedOut: false, evidence: `${what} could not be run: its folder ${cwd} is not there` };
  }
  try {
    const exit = await runCommand(program, args, { cwd, signal, keep: OUTPUT_KEPT });
    if (exit.code === 0) return { ok: true, carriedOut: true, evidence: `${what} exited with 0` };
    if (signal.aborted) {
      return { ok: false, carriedOut: true, evidence: `${what} did not end within ${check.timeoutMs} ms` };
    }
    return { ok: false, carriedOut: true, evidence: `${what} ${describeExit(exit, redact)}` };
  } catch (error) {
    // ENOENT, for instance: it could not be run at all.
    return { ok: false, carriedOut: false, evidence: `${what} could not be run: ${(error as Error).message}` };
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * How a command ended that was no success, with what it said last: `exited with 1: no such order`. Redacted before it is
 * cut to length: half of a secret would not be recognised.
 */
export function describeExit({ code, signal, ...outputs }: CommandExit, redact: Redact): string {
  const [stdout, stderr] = [redact(outputs.stdout), redact(outputs.stderr)];
  const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `exited with ${code}`;
  const said = findCause(stderr) ?? lastLine(stderr) ?? findCause(stdout) ?? lastLine(stdout);
  return said === undefined ? how : `${how}: ${said}`;
}

function filled(text: string, endpoint: Endpoint): string {
  const values: Record<string, string> = {
    url: formatEndpointUrl(endpoint),
    host: endpoint.host,
    port: String(endpoint.port),
  };
  return text.replaceAll(/\{(url|host|port)\}/g, (_whole, name: string) => values[name] ?? '');
}

function lastLine(text: string): string | undefined {
  const lines = text.trim().split('\n').filter(Boolean);
  return lines.at(-1)?.slice(0, 300);
}
