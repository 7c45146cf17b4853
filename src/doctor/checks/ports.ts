import { once } from 'node:events';
import { createServer } from 'node:net';
import { readClientPort } from '../../domain/service/router.ts';
import { findPortHolder } from '../../host/port-holder.ts';
import { AS_ROUTER } from '../../domain/traffic/route.ts';
import type { DoctorCheck } from '../check.ts';

const LOOPBACK = '127.0.0.1';

/** The port that clients are to connect to. */
export const ports: DoctorCheck = {
  name: 'the port',
  concerns: ({ spec }) => spec !== undefined && readClientPort(spec.router).port !== undefined,
  async run({ spec }) {
    const { port = 0, listen = AS_ROUTER, strictPort = false } = spec ? readClientPort(spec.router) : {};
    const fault = await tryPort(port, listen === AS_ROUTER ? LOOPBACK : listen);
    if (fault === undefined) return [{ state: 'good', text: `${port} is free` }];
    const holder = await findPortHolder(port);
    const text = `${port} cannot be had (${fault})${holder === undefined ? '' : `: ${holder} has it`}`;
    const todo = 'end what has it, or name another one in router.port; where it is Supplant’s own router, all is well';
    return [{ state: strictPort ? 'bad' : 'unsure', text, todo }];
  },
};

/** Why it cannot be listened on; undefined where it can. */
async function tryPort(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  server.listen({ port, host, exclusive: true });
  try {
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    server.close();
  }
}
