import type { ClientPlace } from './client-place.ts';
import { Connections } from './connections.ts';
import { Listener } from './listener.ts';
import { parseRouterArguments } from './options.ts';
import type { Plane } from './plane.ts';
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
  return () => {
    const traffic = new ServiceTraffic();
    return { traffic, createListener: () => new Listener(traffic, connections, clients) };
  };
}
