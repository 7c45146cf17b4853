import assert from 'node:assert/strict';
import { readSecret } from '../../src/secrets/secrets.ts';
import { enterEnvironment } from '../doubles/environment.ts';
import { serveAwsSecrets } from '../doubles/aws-secrets.ts';

/** Of nobody; the double asks for none. */
const SETTINGS = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };

describe('secrets that AWS keeps', () => {
  let leave: () => void;
  let double: Awaited<ReturnType<typeof serveAwsSecrets>>;
  beforeEach(async () => {
    double = await serveAwsSecrets({ 'prod/db': '{"password":"kept-by-aws"}', '/prod/token': 'of-the-store' });
    leave = enterEnvironment({ ...SETTINGS, AWS_ENDPOINT_URL: double.url });
  });
  afterEach(async () => {
    leave();
    await double[Symbol.asyncDispose]();
  });

  it('are read by the SDK, from where the environment says', async () => {
    assert.equal(await readSecret('aws-secrets-manager:prod/db#password'), 'kept-by-aws');
    assert.equal(await readSecret('aws-ssm:/prod/token'), 'of-the-store');
  });

  it('are told missing in the service’s words, and which right is wanting', async () => {
    const rows: [reference: string, said: RegExp][] = [
      [
        'aws-secrets-manager:none',
        /aws-secrets-manager:none cannot be read: ResourceNotFoundException: none is not there$/,
      ],
      ['aws-ssm:none', /ParameterNotFound: none is not there$/],
      ['aws-secrets-manager:forbidden', /not yours to read; the worker's role needs secretsmanager:GetSecretValue$/],
      ['aws-ssm:forbidden', /the worker's role needs ssm:GetParameter$/],
    ];
    for (const [reference, message] of rows)
      await assert.rejects(readSecret(reference), { name: 'SecretError', message });
  });
});
