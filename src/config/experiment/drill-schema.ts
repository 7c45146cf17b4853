import type { z } from 'zod';
import { NAME } from '../../domain/service/service.ts';
import { ALWAYS, mapping, text } from '../fields.ts';
import { jsonObject } from '../json-field.ts';
import { checksSchema } from '../manifest/check-schema.ts';
import { artifactText } from '../manifest/schema.ts';
import { refuse } from '../problems.ts';

const ONE_NAME = NAME.source.slice(1, -1);
/** Names of services have no two hyphens in a row. */
const SERVICE = new RegExp(`^(?![^/]*--)${ONE_NAME}/${ONE_NAME}$`);

const release = mapping({
  artifact: artifactText()
    .optional()
    .describe(
      'What to run. A folder (dir:./app) counts from where this file stands. As the service is described unless told.',
    ),
  patch: jsonObject()
    .optional()
    .describe(
      'What else is different from how the service is described: a JSON merge patch (RFC 7396) of {artifact, blueprint: {config}}, in which null takes a key away.',
    ),
  checks: checksSchema
    .optional()
    .describe('What it will have to prove once it is deployed. As the service is described unless told.'),
})
  .superRefine(({ artifact, patch, checks }, context) => {
    if (artifact === undefined && patch === undefined && checks === undefined) {
      refuse(context, { wanted: 'artifact, patch or checks', found: 'none of them' });
    }
    if (artifact !== undefined && patch !== undefined && 'artifact' in patch) {
      refuse(context, { path: ['patch', 'artifact'], wanted: 'the artifact in one place', found: 'two', atKey: true });
    }
  }, ALWAYS)
  .meta({ anyOf: [{ required: ['artifact'] }, { required: ['patch'] }, { required: ['checks'] }] });

/** The `drill` of an experiment's manifest. */
export const drillSchema = mapping(
  {
    service: text('NAME/ENVIRONMENT of a service, such as web/production', SERVICE).describe(
      'Whose rollback is tried, as NAME/ENVIRONMENT.',
    ),
    release: release
      .optional()
      .describe(
        'A release that is not deployed yet: the rollback from it to what is live is tried. Without it, the one from what is live to what was before.',
      ),
    patch: jsonObject()
      .optional()
      .describe(
        'What is different of both releases, for the drill alone, such as the address of data that it may write to: a JSON merge patch (RFC 7396) of {blueprint: {config}}.',
      ),
    checks: checksSchema.optional().describe('What each stack has to prove. What its release has to, unless told.'),
  },
  { like: 'service', artifact: 'release', candidate: 'release' },
);

export type DrillFields = z.output<typeof drillSchema>;
