import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * The port, or a free one for 0. Nobody listens there, not even a program that would share it.
 *
 * @throws Error of `listen(2)`, in Node's words, where it cannot be had
 */
export async function probePort(host: string, port: number): Promise<number> {
  const server = createServer();
  await once(server.listen({ host, port, exclusive: true }), 'listening');
  const { port: found } = server.address() as AddressInfo;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return found;
}
