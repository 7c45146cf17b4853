import type { Variable } from '../../domain/evidence/metric-spec.ts';
import { createRedactor } from '../../domain/evidence/redaction.ts';
import { SecretError, readSecret } from '../../secrets/secrets.ts';
import type { Redact } from '../checks/outcome.ts';
import { MetricsUnavailableError } from './provider.ts';

export interface ResolvedVariables {
  values: Record<string, string>;
  /** Takes the secrets among them out of what is quoted. */
  redact: Redact;
}

/**
 * Headers or variables with their secrets as they are now.
 * @throws MetricsUnavailableError where one cannot be had
 */
export async function resolveVariables(
  variables: Readonly<Record<string, Variable>> = {},
  signal?: AbortSignal,
): Promise<ResolvedVariables> {
  try {
    const resolved = await Promise.all(
      Object.entries(variables).map(async ([name, variable]) => ({
        name,
        value: typeof variable === 'string' ? variable : await readSecret(variable.secret, signal),
        isSecret: typeof variable !== 'string',
      })),
    );
    return {
      values: Object.fromEntries(resolved.map(({ name, value }) => [name, value])),
      redact: createRedactor(resolved.filter(({ isSecret }) => isSecret)),
    };
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    throw new MetricsUnavailableError(error.message, { cause: error });
  }
}
