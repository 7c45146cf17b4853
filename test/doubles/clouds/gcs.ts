import { randomUUID } from 'node:crypto';
import { obtainCloudEmulators } from '../../../tools/cloud-emulators/obtain.ts';
import { type Bucket, placeOf } from './bucket.ts';
import { type Served, endWithInput, serveProgram } from './program.ts';

/** fake-gcs-server, for Google's object store. It keeps all in memory, and does not look at who asks. */
export async function startGcs(): Promise<Served> {
  const { python, gcs } = await obtainCloudEmulators();
  return serveProgram({
    title: 'fake-gcs-server',
    command: (port) =>
      endWithInput(python, [
        ...[gcs, '-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)],
        ...['-public-host', `127.0.0.1:${port}`, '-backend', 'memory', '-log-level', 'error'],
      ]),
    answers: async (url) => (await fetch(`${url}/storage/v1/b?project=test`)).ok,
  });
}

export async function makeGcsBucket({ url }: Pick<Served, 'url'>): Promise<Bucket> {
  const name = `state-${randomUUID()}`;
  const ask = async (method: string, path: string, body?: string): Promise<Response> => {
    const answer = await fetch(`${url}${path}`, { method, ...(body === undefined ? {} : { body }) });
    if (answer.ok || answer.status === 404) return answer;
    throw new Error(`fake-gcs-server refuses ${method} ${path}: ${await answer.text()}`);
  };
  await ask('POST', '/storage/v1/b?project=test', JSON.stringify({ name }));
  return {
    url: `gs://${name}/fleet`,
    // The engine has to find credentials before it asks.
    env: { STORAGE_EMULATOR_HOST: new URL(url).host, GOOGLE_OAUTH_ACCESS_TOKEN: 'test' },
    async put(object, content) {
      const named = encodeURIComponent(placeOf(object));
      await ask('POST', `/upload/storage/v1/b/${name}/o?uploadType=media&name=${named}`, content);
    },
    async get(object) {
      const answer = await ask('GET', `/storage/v1/b/${name}/o/${encodeURIComponent(placeOf(object))}?alt=media`);
      return answer.status === 404 ? undefined : answer.text();
    },
  };
}
