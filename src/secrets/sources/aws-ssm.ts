import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SecretSource } from '../source.ts';
import { explainAwsError } from './aws-error.ts';

/** AWS Systems Manager's Parameter Store: a parameter, decrypted. Region and credentials are the worker's own. */
export const awsSsm: SecretSource = {
  async read(name, signal) {
    const client = new SSMClient({});
    try {
      const { Parameter: found } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }), {
        abortSignal: signal,
      });
      if (found?.Value === undefined) throw new Error('it has no value');
      return found.Value;
    } catch (error) {
      throw explainAwsError('ssm:GetParameter', error);
    } finally {
      client.destroy();
    }
  },
};
