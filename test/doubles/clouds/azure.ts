import { createHmac, randomUUID } from 'node:crypto';
import { obtainAzurite } from '../../../tools/azure-emulator/obtain.ts';
import { type Bucket, placeOf } from './bucket.ts';
import { type Served, serveProgram } from './program.ts';

/** Known to everybody: https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Ends when its standard input does. */
const RUN = `process.stdin.on('end', () => process.exit(0)).resume(); require(process.argv[1]);`;

/** Azurite, for Azure's object store. It keeps all in memory, and looks at every signature. */
export async function startAzure(): Promise<Served> {
  const main = await obtainAzurite();
  return serveProgram({
    title: 'Azurite',
    command: (port) => [
      ...[process.execPath, '-e', RUN, main, '--blobHost', '127.0.0.1', '--blobPort', String(port)],
      ...['--inMemoryPersistence', '--silent', '--disableTelemetry', '--skipApiVersionCheck'],
    ],
    // Whoever signs nothing is refused, by it and not by somebody else at its port.
    answers: async (url) =>
      (await fetch(`${url}/${ACCOUNT}?comp=list`)).headers.get('server')?.startsWith('Azurite') ?? false,
  });
}

export async function makeAzureContainer({ url }: Pick<Served, 'url'>): Promise<Bucket> {
  const name = `state-${randomUUID()}`;
  const ask = async (method: string, path: string, { query = '', body = '', type = '' } = {}): Promise<Response> => {
    const headers: Record<string, string> = {
      'x-ms-date': new Date().toUTCString(),
      'x-ms-version': '2021-12-02',
      ...(type === '' ? {} : { 'x-ms-blob-type': type }),
    };
    const authorization = sign({ method, path: `/${ACCOUNT}${path}`, query, length: Buffer.byteLength(body), headers });
    const answer = await fetch(`${url}/${ACCOUNT}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: { ...headers, authorization },
      ...(method === 'PUT' ? { body: Buffer.from(body) } : {}),
    });
    if (answer.ok || answer.status === 404) return answer;
    throw new Error(`Azurite refuses ${method} ${path}: ${await answer.text()}`);
  };
  await ask('PUT', `/${name}`, { query: 'restype=container' });
  const place = new URLSearchParams({
    storage_account: ACCOUNT,
    protocol: 'http',
    domain: new URL(url).host,
    localemu: 'true',
  });
  return {
    url: `azblob://${name}/fleet?${place.toString()}`,
    env: { AZURE_STORAGE_ACCOUNT: ACCOUNT, AZURE_STORAGE_KEY: KEY },
    async put(object, content) {
      await ask('PUT', `/${name}/${placeOf(object)}`, { body: content, type: 'BlockBlob' });
    },
    async get(object) {
      const answer = await ask('GET', `/${name}/${placeOf(object)}`);
      return answer.status === 404 ? undefined : answer.text();
    },
  };
}

interface Signed {
  method: string;
  path: string;
  query: string;
  length: number;
  headers: Record<string, string>;
}

/** A shared key's signature: https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
function sign({ method, path, query, length, headers }: Signed): string {
  const own = Object.entries(headers)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, value]) => `${name}:${value}\n`);
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => `\n${name}:${value}`);
  // Of the headers that have a line each, requests like these have a length alone.
  const lines = [method, '', '', length === 0 ? '' : String(length), '', '', '', '', '', '', '', ''];
  const text = `${lines.join('\n')}\n${own.join('')}/${ACCOUNT}${path}${parameters.join('')}`;
  return `SharedKey ${ACCOUNT}:${createHmac('sha256', Buffer.from(KEY, 'base64')).update(text).digest('base64')}`;
}
