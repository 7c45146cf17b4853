import { connect } from 'node:net';
import { HAPROXY_VARIABLES } from '../../routing/embedded/admin-place.ts';
import { HaproxyMissingError, findHaproxy } from '../../routing/haproxy/program.ts';
import type { DoctorCheck, Finding } from '../check.ts';

/** The release that the router is tested with. */
const TESTED = '2.6.12';

/** What splits the traffic of a service whose router is HAProxy. */
export const haproxy: DoctorCheck = {
  name: 'HAProxy',
  concerns: ({ spec }) => spec?.router.kind === 'haproxy',
  async run({ env, folder }) {
    const elsewhere = env[HAPROXY_VARIABLES.url] ?? '';
    if (elsewhere !== '') {
      const text = `it runs at ${elsewhere}, as ${HAPROXY_VARIABLES.url} says; whether it answers, a rollout finds out`;
      return [{ state: 'unsure', text, todo: `run supplant doctor there, without ${HAPROXY_VARIABLES.url}` }];
    }
    return [await examineProgram(env), await examineSocket(folder.haproxySocket)];
  },
};

async function examineProgram(env: NodeJS.ProcessEnv): Promise<Finding> {
  try {
    const { path, version } = await findHaproxy(env);
    const text = `${version}, at ${path}`;
    if (version.startsWith(TESTED)) return { state: 'good', text };
    return { state: 'good', text: `${text}; Supplant is tested with ${TESTED}` };
  } catch (error) {
    if (!(error instanceof HaproxyMissingError)) throw error;
    return { state: 'bad', text: error.message, todo: 'apt-get install haproxy, or as your system has it' };
  }
}

async function examineSocket(path: string): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  const answers = await promise;
  socket.destroy();
  if (answers) return { state: 'good', text: `its router takes orders at ${path}` };
  const todo = 'supplant dev --haproxy; on a server, node src/routing/haproxy/main.ts --data DIR --socket SOCKET';
  return { state: 'bad', text: `no router takes orders at ${path}`, todo };
}
