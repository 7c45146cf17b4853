import type { Json } from '../../domain/json.ts';
import { type PlacedReference, findSecretReferences } from '../../domain/secrets/reference.ts';
import type { ServiceSpec } from '../../domain/service/service.ts';
import { readSecret } from '../../secrets/secrets.ts';
import type { DoctorCheck, Finding } from '../check.ts';

/** Secrets that the manifest refers to, as they can be read from here: the worker may be another user, or elsewhere. */
export const secrets: DoctorCheck = {
  name: 'secrets',
  concerns: ({ spec }) => listReferences(spec).length > 0,
  async run({ spec }) {
    const references = listReferences(spec);
    return Promise.all(
      references.map(async ({ path, reference }): Promise<Finding> => {
        const name = path.at(-1) ?? reference;
        try {
          await readSecret(reference);
          return { state: 'good', text: `${name} can be read from ${reference}` };
        } catch (error) {
          const todo = 'put it there, on every machine with a worker, or refer to where it is';
          return { state: 'bad', text: `${name}: ${(error as Error).message}`, todo };
        }
      }),
    );
  },
};

/** Those of the blueprint's config, and of what metrics are asked with. */
function listReferences(spec: ServiceSpec | undefined): PlacedReference[] {
  if (spec === undefined) return [];
  const metrics = (spec.strategy.metrics ?? []) as unknown as Json[];
  return [...findSecretReferences(spec.blueprint.config), ...findSecretReferences({ metrics })];
}
