import { faultMessage, formatPath, MOST_FAULTS } from '../../config/fault.ts';
import { checkValue } from '../../config/problems.ts';
import type { JsonObject } from '../../domain/json.ts';
import { findSecretReferences } from '../../domain/secrets/reference.ts';
import { checkSecret } from '../../secrets/secrets.ts';
import type { Blueprint, Fault } from '../blueprint.ts';

async function findUnreadableSecrets(config: JsonObject): Promise<Fault[]> {
  const faults = await Promise.all(
    findSecretReferences(config).map(async ({ path, reference }): Promise<Fault[]> => {
      const message = await checkSecret(reference);
      return message === undefined
        ? []
        : [{ path: formatPath(['blueprint', 'config', ...path]), message: `${reference}: ${message}` }];
    }),
  );
  return faults.flat();
}

/** A config as its blueprint's schema makes it, and everything wrong with it and the artifact. */
export async function checkInput(
  blueprint: Blueprint,
  artifact: string,
  given: JsonObject,
): Promise<{ config: JsonObject; faults: Fault[] }> {
  const schema = await blueprint.config?.();
  const checked = schema ? checkValue(schema, given) : { ok: true as const, value: given };
  const faults = [...(await blueprint.check(artifact, given)), ...(await findUnreadableSecrets(given))];
  if (checked.ok) return { config: checked.value as JsonObject, faults };
  const wrong = checked.problems.slice(0, MOST_FAULTS).map((problem) => ({
    path: formatPath(['blueprint', 'config', ...problem.path]),
    message: faultMessage(problem),
  }));
  return { config: given, faults: [...faults, ...wrong] };
}
