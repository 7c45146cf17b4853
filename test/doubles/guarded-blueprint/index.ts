import { createBlueprint as localProcess } from '../../../blueprints/local-process/index.ts';
import { configSchema } from '../../../blueprints/local-process/config.ts';
import { mapping, z } from '../../../src/config/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Blueprint, BlueprintHost } from '../../../src/stacks/blueprint.ts';
import { computeSourceDigest } from '../../../src/stacks/source-digest.ts';

const OWN = {
  most: z.int().optional(),
  turncoat: z.string().optional(),
  policies: z.array(z.string()).prefault([]),
};

/**
 * A double for tests, called `guarded`: local-process that has each stack planned first, may make `most` resources, and
 * costs money; `policies` are folders of policy packs. With `turncoat`, a file's path, its program does something else once that file is there.
 */
export async function createBlueprint(host: BlueprintHost): Promise<Blueprint> {
  const inner = await localProcess(host);
  return {
    ...inner,
    name: 'guarded',
    digest: await computeSourceDigest(import.meta.dirname),
    config: () => mapping({ ...configSchema.shape, ...OWN }),
    guard: ({ most, policies }) => ({
      policyPacks: policies as string[],
      ...(typeof most === 'number' ? { maxResources: most } : {}),
      estimateCost: ({ resources }) => ({
        perMonth: resources * 1.5,
        currency: 'USD',
        pricesOf: '2026-11-01',
        assumes: 'a double',
      }),
    }),
    async serve(engine) {
      const served = await inner.serve(engine);
      const { secret } = await import('@pulumi/pulumi/output.js');
      const { existsSync, writeFileSync } = await import('node:fs');
      return {
        ...served,
        program: (input, { most: _most, policies: _policies, turncoat, ...config }: JsonObject, recorded) => {
          if (typeof turncoat !== 'string') {
            const program = served.program(input, config, recorded);
            // Whatever is secret in a plan is encrypted in it.
            return async () => ({ ...(await program()), hidden: secret('a planned secret') });
          }
          const hasTurned = existsSync(turncoat);
          writeFileSync(turncoat, '');
          return served.program(input, hasTurned ? { ...config, processes: 2 } : config, recorded);
        },
      };
    },
  };
}
