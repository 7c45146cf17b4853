import type { PlaceVariables, TlsPlace } from './admin-place.ts';
import { EmbeddedRouter } from './client.ts';

/** What helps where a router takes no orders from here. */
export function describeAccessHelp({ tokenFile, cert }: PlaceVariables): string {
  return (
    `${tokenFile} names a file with a token of the router’s --token-file, or ${cert} a certificate of its ` +
    '--client-ca; both are read for each order, so that no restart is needed (docs/operating/router.md)'
  );
}

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
