import { EmbeddedRouter } from './embedded/client.ts';
import { type RouterRegistry, Routers } from './routers.ts';

/** What an installation says about its routers. */
export interface RouterOptions {
  /** Unix socket of the embedded router's process. */
  routerSocket: string;
}

/** Every router that a manifest may name. A new one is its folder and a line here. */
const ROUTERS: RouterRegistry<RouterOptions> = {
  'aws-alb': async () => (await import('./aws-alb/factory.ts')).openAlbFactory(),
  embedded: ({ routerSocket }) => EmbeddedRouter.openFactory(routerSocket),
};

/** The routers that services may name; each is opened when it is first asked for. */
export function openRouters(options: RouterOptions): Routers<RouterOptions> {
  return new Routers(ROUTERS, options);
}
