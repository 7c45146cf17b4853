import { readAdminPlace, ROUTER_VARIABLE } from '../../routing/embedded/admin-place.ts';
import { ACCESS_HELP, findAccessObstacle } from '../../routing/embedded/access-look.ts';
import type { DoctorCheck } from '../check.ts';

/** The router of another machine, where the environment names one: whether it takes orders from here. */
export const router: DoctorCheck = {
  name: 'the router',
  concerns: ({ env, spec }) => (env[ROUTER_VARIABLE] ?? '') !== '' && (spec?.router.kind ?? 'embedded') === 'embedded',
  async run({ env, folder }) {
    const place = readAdminPlace(env, folder.routerSocket);
    if (!('url' in place)) return [];
    const obstacle = await findAccessObstacle(place);
    if (obstacle === undefined) return [{ state: 'good', text: `${place.url} takes orders from here` }];
    return [{ state: 'bad', text: obstacle, todo: ACCESS_HELP }];
  },
};
