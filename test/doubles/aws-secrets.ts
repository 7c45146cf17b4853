import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * A stand-in for AWS Secrets Manager and Parameter Store, as far as reading goes: the two requests, and the errors for
 * what is not there and for whoever may not. Secrets are by name; `forbidden` is one that nobody may read.
 */
export async function serveAwsSecrets(
  secrets: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const target = String(request.headers['x-amz-target']);
      const { SecretId, Name } = JSON.parse(body) as { SecretId?: string; Name?: string };
      const name = SecretId ?? Name ?? '';
      const answer = (status: number, content: object): void => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
      };
      const isManager = target === 'secretsmanager.GetSecretValue';
      const value = secrets[name];
      if (name === 'forbidden') answer(400, { __type: 'AccessDeniedException', message: 'not yours to read' });
      else if (value === undefined) {
        const missing = isManager ? 'ResourceNotFoundException' : 'ParameterNotFound';
        answer(400, { __type: missing, message: `${name} is not there` });
      } else answer(200, isManager ? { SecretString: value } : { Parameter: { Name: name, Value: value } });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
