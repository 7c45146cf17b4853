import { execFile } from 'node:child_process';
import type { CommandCheck } from '../domain/checks.ts';
import { type Endpoint, endpointUrl } from '../domain/revision.ts';
import type { Attempt } from './attempt.ts';

const OUTPUT_LIMIT = 1024 * 1024;

/** Runs the command once against one endpoint, without a shell. Exit code 0 is a success. */
export async function attemptCommand(check: CommandCheck, endpoint: Endpoint, signal: AbortSignal): Promise<Attempt> {
  const [program = '', ...args] = check.command.map((part) => filled(part, endpoint));
  const what = [program, ...args].join(' ');
  return new Promise((resolve) => {
    execFile(program, args, { signal, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT }, (error, stdout, stderr) => {
      if (error === null) return resolve({ ok: true, carriedOut: true, evidence: `${what} exited with 0` });
      if (signal.aborted) {
        return resolve({ ok: false, carriedOut: true, evidence: `${what} did not end within ${check.timeoutMs} ms` });
      }
      const said = lastLine(stderr) ?? lastLine(stdout);
      const because = said === undefined ? '' : `: ${said}`;
      // A number is an exit code; a text such as ENOENT says that the command could not be run at all.
      resolve(
        typeof error.code === 'number'
          ? { ok: false, carriedOut: true, evidence: `${what} exited with ${error.code}${because}` }
          : { ok: false, carriedOut: false, evidence: `${what} could not be run: ${error.message}` },
      );
    });
  });
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
  return text.trim().split('\n').at(-1)?.slice(0, 300) || undefined;
}
