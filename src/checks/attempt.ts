import type { CheckSpec } from '../domain/checks.ts';
import type { Endpoint } from '../domain/revision.ts';
import { attemptCommand } from './command.ts';
import { attemptHttp } from './http.ts';
import type { Attempt } from './outcome.ts';

/** Makes one attempt at every endpoint, all at once; the first that is not ok stands for all. */
export async function attempt(check: CheckSpec, endpoints: readonly Endpoint[], signal: AbortSignal): Promise<Attempt> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]);
  const attempts = await Promise.all(
    endpoints.map((endpoint) =>
      check.kind === 'http' ? attemptHttp(check, endpoint, limited) : attemptCommand(check, endpoint, limited),
    ),
  );
  return (
    attempts.find((made) => !made.ok) ??
    attempts[0] ?? { ok: false, carriedOut: false, evidence: 'the stack has no endpoint to ask' }
  );
}
