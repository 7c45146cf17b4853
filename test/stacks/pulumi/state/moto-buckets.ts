import { randomUUID } from 'node:crypto';
import { enterEnvironment } from '../../../doubles/environment.ts';

/** Any will do: moto does not look at what they sign. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none',
};

/** Has what runs here, and the engine that it starts, find credentials. Returns what puts the environment back. */
export function enterMoto(): () => void {
  return enterEnvironment(CREDENTIALS);
}

/** A bucket of moto's, beside whatever reads and writes it by the API of S3. */
export class MotoBucket {
  readonly #moto: string;
  readonly #name = `state-${randomUUID()}`;

  private constructor(moto: string) {
    this.#moto = moto;
  }

  static async create(moto: string): Promise<MotoBucket> {
    const bucket = new MotoBucket(moto);
    await bucket.#ask('PUT', '');
    return bucket;
  }

  /** As the engine is told of it. */
  get url(): string {
    const { host } = new URL(this.#moto);
    return `s3://${this.#name}/fleet?region=us-east-1&endpoint=${host}&disableSSL=true&s3ForcePathStyle=true`;
  }

  async put(name: string, content: string): Promise<void> {
    await this.#ask('PUT', `/fleet/.pulumi/${name}`, content);
  }

  async get(name: string): Promise<string | undefined> {
    const answer = await this.#ask('GET', `/fleet/.pulumi/${name}`);
    return answer.status === 404 ? undefined : answer.text();
  }

  /** The names of all there is. */
  async list(): Promise<string[]> {
    const text = await (await this.#ask('GET', '?list-type=2')).text();
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  }

  async #ask(method: string, path: string, body?: string): Promise<Response> {
    const answer = await fetch(`${this.#moto}/${this.#name}${path}`, {
      method,
      headers: SIGNED,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.ok || answer.status === 404) return answer;
    throw new Error(`moto refuses ${method} ${path}: ${await answer.text()}`);
  }
}

/** Makes a key of moto's key service. @returns what the engine calls it */
export async function createMotoKey(moto: string): Promise<string> {
  const { KeyMetadata: key } = (await askMotoKeys(moto, 'CreateKey', {})) as { KeyMetadata: { KeyId: string } };
  return `awskms://${key.KeyId}?region=us-east-1&endpoint=${encodeURIComponent(moto)}`;
}

/** The same for somebody whose account has no such key. */
export async function enterStranger(moto: string): Promise<() => void> {
  const role = { RoleArn: 'arn:aws:iam::111122223333:role/stranger', RoleSessionName: 'stranger' };
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      authorization: SIGNED.authorization.replace('/s3/', '/sts/'),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Action: 'AssumeRole', Version: '2011-06-15', ...role }),
  });
  const text = await answer.text();
  const [id, secret, token] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
    (name) => new RegExp(`<${name}>([^<]*)<`).exec(text)?.[1] ?? '',
  ) as [string, string, string];
  return enterEnvironment({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token });
}

async function askMotoKeys(moto: string, action: string, parameters: object): Promise<unknown> {
  const answer = await fetch(moto, {
    method: 'POST',
    headers: {
      authorization: SIGNED.authorization.replace('/s3/', '/kms/'),
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${action}`,
    },
    body: JSON.stringify(parameters),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`moto refuses ${action}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
