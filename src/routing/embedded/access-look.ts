import type { TlsPlace } from './admin-place.ts';
import { EmbeddedRouter } from './client.ts';

/** What helps where a router takes no orders from here. */
export const ACCESS_HELP =
  'SUPPLANT_ROUTER_TOKEN_FILE names a file with a token of the router’s --token-file, or SUPPLANT_ROUTER_CERT a certificate of its ' +
  '--client-ca; both are read for each order, so that no restart is needed (docs/operating/router.md)';

/** Why a router takes no orders from here: it is not reached, or does not let in who asks. Undefined where it does. */
export async function findAccessObstacle(place: TlsPlace): Promise<string | undefined> {
  const router = new EmbeddedRouter(place);
  try {
    await router.greet();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await router.close();
  }
}
