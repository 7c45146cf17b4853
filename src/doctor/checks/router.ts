import type { RouterSpec } from '../../domain/service/service.ts';
import {
  HAPROXY_VARIABLES,
  type PlaceVariables,
  ROUTER_VARIABLES,
  readAdminPlace,
} from '../../routing/embedded/admin-place.ts';
import { describeAccessHelp, findAccessObstacle } from '../../routing/embedded/access-look.ts';
import type { DoctorCheck } from '../check.ts';

/** The variables that name a router of another machine, of the kinds that can be there. */
const VARIABLES: Partial<Record<RouterSpec['kind'], PlaceVariables>> = {
  embedded: ROUTER_VARIABLES,
  haproxy: HAPROXY_VARIABLES,
};

/** The router of another machine, where the environment names one: whether it takes orders from here. */
export const router: DoctorCheck = {
  name: 'the router',
  concerns: ({ env, spec }) => (env[VARIABLES[spec?.router.kind ?? 'embedded']?.url ?? ''] ?? '') !== '',
  async run({ env, folder, spec }) {
    const variables = VARIABLES[spec?.router.kind ?? 'embedded'] ?? ROUTER_VARIABLES;
    const place = readAdminPlace(env, variables, folder.routerSocket);
    if (!('url' in place)) return [];
    const obstacle = await findAccessObstacle(place);
    if (obstacle === undefined) return [{ state: 'good', text: `${place.url} takes orders from here` }];
    return [{ state: 'bad', text: obstacle, todo: describeAccessHelp(variables) }];
  },
};
