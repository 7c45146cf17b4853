import { describeAccessHelp, findAccessObstacle } from './embedded/access-look.ts';
import { type AdminPlace, HAPROXY_VARIABLES, ROUTER_VARIABLES, readAdminPlace } from './embedded/admin-place.ts';
import { EmbeddedRouter } from './embedded/client.ts';
import { openHaproxyFactory } from './haproxy/client.ts';
import { type RouterRegistry, Routers } from './routers.ts';

/** What an installation says about its routers. */
export interface RouterOptions {
  /** Where the embedded router's process takes orders. */
  embedded: AdminPlace;
  /** Where the process that runs HAProxy does. */
  haproxy: AdminPlace;
}

/** Every router that a manifest may name. A new one is its folder and a line here. */
const ROUTERS: RouterRegistry<RouterOptions> = {
  'aws-alb': async () => (await import('./aws-alb/factory.ts')).openAlbFactory(),
  embedded: ({ embedded }) => EmbeddedRouter.openFactory(embedded),
  haproxy: ({ haproxy }) => openHaproxyFactory(haproxy),
};

/**
 * An installation's routers by its environment.
 *
 * @param sockets where the routers of this machine take orders; used unless the environment names others
 * @throws Error fit to show
 */
export function readRouterOptions(
  env: NodeJS.ProcessEnv,
  { routerSocket, haproxySocket }: Record<'routerSocket' | 'haproxySocket', string>,
): RouterOptions {
  return {
    embedded: readAdminPlace(env, ROUTER_VARIABLES, routerSocket),
    haproxy: readAdminPlace(env, HAPROXY_VARIABLES, haproxySocket),
  };
}

/** Why a router of another machine takes no orders from here, and what helps; undefined where all of them do. */
export async function findRouterObstacle({
  embedded,
  haproxy,
}: RouterOptions): Promise<{ obstacle: string; help: string } | undefined> {
  const places = [
    { place: embedded, variables: ROUTER_VARIABLES },
    { place: haproxy, variables: HAPROXY_VARIABLES },
  ];
  for (const { place, variables } of places) {
    const obstacle = 'url' in place ? await findAccessObstacle(place) : undefined;
    if (obstacle !== undefined) return { obstacle, help: describeAccessHelp(variables) };
  }
  return undefined;
}

/** The routers that services may name; each is opened when it is first asked for. */
export function openRouters(options: RouterOptions): Routers<RouterOptions> {
  return new Routers(ROUTERS, options);
}
