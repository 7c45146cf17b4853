import { dirname, join } from 'node:path';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import type { RouterProcessOptions } from '../embedded/options.ts';
import type { AddressPlane } from '../embedded/plane.ts';
import type { Carrier } from '../embedded/serve.ts';
import { LIMITS } from './limits.ts';
import { HaproxyListener, type ProcessPlaces } from './port-listener.ts';
import { ProcessFolder, SOCKET_BYTES } from './process-folder.ts';
import { HaproxyProcess } from './process.ts';
import { ServiceTraffic } from './service-traffic.ts';

/** The longest path that a Unix socket can have everywhere, in bytes. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Carries routes out by HAProxy: one for each service that has a route. Those that run already, from an earlier process of
 * this router, are taken over as they are.
 *
 * @throws Error fit to show where sockets beside the admin socket would have too long a path
 */
export async function openHaproxyCarrier(
  { data, socket, clients }: Pick<RouterProcessOptions, 'data' | 'socket' | 'clients'>,
  program: string,
): Promise<Carrier> {
  const places: ProcessPlaces = { root: join(data, 'processes'), sockets: dirname(socket) };
  const most = LONGEST_SOCKET_PATH - SOCKET_BYTES;
  if (Buffer.byteLength(places.sockets) > most) {
    throw new Error(
      `${places.sockets} is too long for the sockets of HAProxy: use a --socket in a folder of at most ${most} bytes`,
    );
  }
  const settings = { program, clients };
  const folders = ProcessFolder.list(places.root, places.sockets);
  const found = (await Promise.all(folders.map((folder) => HaproxyProcess.takeOver(settings, folder)))).flatMap(
    (process) => process ?? [],
  );
  const unclaimed = new Set(found);
  const traffics = new Set<ServiceTraffic>();
  const noting = setInterval(() => {
    for (const traffic of traffics) traffic.note().catch(() => undefined);
  }, LIMITS.tidyMs).unref();

  const createAddress = (service: ServiceKey, isPreview: boolean): AddressPlane => {
    const isItsOwn = (process: HaproxyProcess): boolean =>
      formatServiceId(process.service) === formatServiceId(service) && process.isPreview === isPreview;
    const traffic = new ServiceTraffic();
    traffics.add(traffic);
    for (const process of found.filter(isItsOwn)) traffic.add(process);
    const claim = (port: number, listen: string): HaproxyProcess | undefined => {
      const running = [...unclaimed]
        .filter(isItsOwn)
        .find((process) => process.port === port && process.listen === listen && !process.isLeaving);
      if (running) unclaimed.delete(running);
      return running;
    };
    const parts = { service, isPreview, traffic, settings, places, claim };
    return { traffic, createListener: (listen) => new HaproxyListener(parts, listen) };
  };
  return {
    plane(service) {
      return { ...createAddress(service, false), listen: clients.listen, preview: createAddress(service, true) };
    },
    // A port that its service does not have by what is on disk: a change of ports was broken off.
    async onRestored() {
      await Promise.all([...unclaimed].map((process) => process.leave().freed));
    },
    async onEnd() {
      clearInterval(noting);
      for (const process of unclaimed) process.cut();
      await Promise.all([...unclaimed].map((process) => process.leave().ended));
    },
  };
}
