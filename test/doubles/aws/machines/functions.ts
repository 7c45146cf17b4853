import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import type { Aws } from '../aws.ts';
import type { Machine } from './machine.ts';

/** Each function that is made from an image. What AWS runs only while it is called is there all the time. */
export async function listFunctions({ client }: Aws): Promise<Machine[]> {
  const lambda = new LambdaClient(client);
  try {
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    return await Promise.all(
      Functions.map(async ({ FunctionArn: id = '', FunctionName }) => {
        const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName }));
        return { id, artifact: Code?.ImageUri ?? '', port: 0 };
      }),
    );
  } finally {
    lambda.destroy();
  }
}
