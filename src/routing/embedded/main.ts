import { type ClientPlace, nameHost } from './client-place.ts';
import { Connections } from './connections.ts';
import { Listener } from './listener.ts';
import { parseRouterArguments } from './options.ts';
import type { AddressPlane, Plane } from './plane.ts';
import { serveRouter } from './serve.ts';
import { ServiceTraffic } from './service-traffic.ts';

try {
  const options = parseRouterArguments(process.argv.slice(2), process.env);
  await serveRouter(options, () => Promise.resolve({ plane: createPlane(options.clients) }));
} catch (error) {
  console.error(`router: ${(error as Error).message}`);
  process.exit(1);
}

/** This process carries all routes out itself. */
function createPlane(clients: ClientPlace): Plane {
  const connections = new Connections();
  const createAddress = (): AddressPlane => {
    const traffic = new ServiceTraffic();
    const createListener = (listen: string): Listener =>
      new Listener(traffic, connections, { ...clients, listen, host: nameHost(clients, listen) });
    return { traffic, createListener };
  };
  return () => ({ ...createAddress(), listen: clients.listen, preview: createAddress() });
}
