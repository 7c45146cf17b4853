import type { CheckSpec } from '../../domain/evidence/checks.ts';
import type { Endpoint } from '../../domain/service/revision.ts';
import { attemptCommand } from './command.ts';
import { attemptHttp } from './http/attempt.ts';
import type { Attempt, Redact } from './outcome.ts';

/** Makes one attempt at every endpoint, all at once; the first that is not ok stands for all. */
export async function attempt(
  check: CheckSpec,
  endpoints: readonly Endpoint[],
  signal: AbortSignal,
  redact: Redact = (text) => text,
): Promise<Attempt> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(check.timeoutMs)]);
  const attempts = await Promise.all(
    endpoints.map((endpoint) =>
      check.kind === 'http'
        ? attemptHttp(check, endpoint, limited, redact)
        : attemptCommand(check, endpoint, limited, redact),
    ),
  );
  const made = attempts.find(({ ok }) => !ok) ?? attempts[0];
  if (!made) return { ok: false, carriedOut: false, evidence: 'the stack has no endpoint to ask' };
  return { ...made, evidence: redact(made.evidence) };
}
