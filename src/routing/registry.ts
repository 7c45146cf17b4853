import { findAccessObstacle } from './embedded/access-look.ts';
import { type AdminPlace, readAdminPlace } from './embedded/admin-place.ts';
import { EmbeddedRouter } from './embedded/client.ts';
import { type RouterRegistry, Routers } from './routers.ts';

/** What an installation says about its routers. */
export interface RouterOptions {
  /** Where the embedded router's process takes orders. */
  embedded: AdminPlace;
}

/** Every router that a manifest may name. A new one is its folder and a line here. */
const ROUTERS: RouterRegistry<RouterOptions> = {
  'aws-alb': async () => (await import('./aws-alb/factory.ts')).openAlbFactory(),
  embedded: ({ embedded }) => EmbeddedRouter.openFactory(embedded),
};

/**
 * An installation's routers by its environment.
 *
 * @param routerSocket where the embedded router of this machine takes orders; used unless the environment names another
 * @throws Error fit to show
 */
export function readRouterOptions(env: NodeJS.ProcessEnv, { routerSocket }: { routerSocket: string }): RouterOptions {
  return { embedded: readAdminPlace(env, routerSocket) };
}

/** Why the router of another machine takes no orders from here; nothing where it does, or where it is on this machine. */
export async function findRouterObstacle({ embedded }: RouterOptions): Promise<string | undefined> {
  return 'url' in embedded ? findAccessObstacle(embedded) : undefined;
}

/** The routers that services may name; each is opened when it is first asked for. */
export function openRouters(options: RouterOptions): Routers<RouterOptions> {
  return new Routers(ROUTERS, options);
}
