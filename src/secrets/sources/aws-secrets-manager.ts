import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretSource } from '../source.ts';
import { explainAwsError } from './aws-error.ts';

/** AWS Secrets Manager: a secret's current version, by name or ARN. Region and credentials are the worker's own. */
export const awsSecretsManager: SecretSource = {
  async read(name, signal) {
    const client = new SecretsManagerClient({});
    try {
      const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: name }), {
        abortSignal: signal,
      });
      if (text === undefined) throw new Error('what it holds is binary, and only text can be used');
      return text;
    } catch (error) {
      throw explainAwsError('secretsmanager:GetSecretValue', error);
    } finally {
      client.destroy();
    }
  },
};
