import { type ExecFileException, execFile } from 'node:child_process';
import type { CommandCheck } from '../domain/checks.ts';
import { type Endpoint, endpointUrl } from '../domain/revision.ts';
import type { Attempt } from './outcome.ts';

const OUTPUT_LIMIT = 1024 * 1024;

/** Runs the command once against one endpoint, without a shell. Exit code 0 is a success. */
export async function attemptCommand(check: CommandCheck, endpoint: Endpoint, signal: AbortSignal): Promise<Attempt> {
  const [program = '', ...args] = check.command.map((part) => filled(part, endpoint));
  const what = [program, ...args].join(' ');
  return new Promise((resolve) => {
    execFile(program, args, { signal, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT }, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ ok: true, carriedOut: true, evidence: `${what} exited with 0` });
      } else if (signal.aborted) {
        resolve({ ok: false, carriedOut: true, evidence: `${what} did not end within ${check.timeoutMs} ms` });
      } else {
        resolve(failed(what, error, lastLine(stderr) ?? lastLine(stdout)));
      }
    });
  });
}

/** A number is an exit code; a text such as ENOENT says that the command could not be run at all. */
function failed(what: string, error: ExecFileException, said: string | undefined): Attempt {
  return typeof error.code === 'number'
    ? { ok: false, carriedOut: true, evidence: `${what} exited with ${error.code}${said ? `: ${said}` : ''}` }
    : { ok: false, carriedOut: false, evidence: `${what} could not be run: ${error.message}` };
}

function filled(text: string, endpoint: Endpoint): string {
  const values: Record<string, string> = {
    url: endpointUrl(endpoint),
    host: endpoint.host,
    port: String(endpoint.port),
  };
  return text.replaceAll(/\{(url|host|port)\}/g, (_whole, name: string) => values[name] ?? '');
}

function lastLine(text: string): string | undefined {
  const lines = text.trim().split('\n').filter(Boolean);
  return lines.at(-1)?.slice(0, 300);
}
