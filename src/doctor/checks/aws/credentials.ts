import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { DoctorCheck } from '../../check.ts';

/** Who AWS takes this machine for, and where: as its own tools find it, in the environment, files or the machine's role. */
export const awsCredentials: Pick<DoctorCheck, 'run'> = {
  async run() {
    const client = new STSClient({});
    try {
      const region = await client.config.region();
      const { Arn: arn, Account: account } = await client.send(new GetCallerIdentityCommand({}));
      return [{ state: 'good', text: `${arn ?? 'somebody'}, account ${account ?? 'unknown'}, region ${region}` }];
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const todo = 'set AWS_REGION, and AWS_PROFILE or a role, for the worker as for this command';
      return [{ state: 'bad', text, todo }];
    } finally {
      client.destroy();
    }
  },
};
