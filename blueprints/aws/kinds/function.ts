import {
  DeleteFunctionCommand,
  type FunctionConfiguration,
  GetFunctionCommand,
  ListFunctionsCommand,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import { type CloudKind, type FoundResource, isNameOfStack, readPages, unlessGone } from '../kind.ts';
import { formatAwsName, readTags } from '../names.ts';

const GONE = ['ResourceNotFoundException'];

/** The permission to call it is a part of it, and goes with it. */
export const functions: CloudKind = {
  type: 'aws:lambda/function:Function',
  async find(stack, { lambda }) {
    const asked = lambda.send(new GetFunctionCommand({ FunctionName: formatAwsName(stack) }));
    const found = (await unlessGone(asked, ...GONE))?.Configuration;
    return found ? [toFound(found)] : [];
  },
  async list({ lambda }) {
    const all = await readPages(async (Marker) => {
      const { Functions = [], NextMarker } = await lambda.send(new ListFunctionsCommand({ Marker }));
      return { items: Functions, next: NextMarker };
    });
    const named = all.filter(({ FunctionName = '' }) => isNameOfStack(FunctionName));
    const tagged = await Promise.all(
      named.map(async (found) => {
        const asked = await unlessGone(lambda.send(new ListTagsCommand({ Resource: found.FunctionArn })), ...GONE);
        const stack = readTags(asked?.Tags ?? {});
        return stack ? [{ ...toFound(found), stack }] : [];
      }),
    );
    return tagged.flat();
  },
  async remove({ id }, { lambda }) {
    await unlessGone(lambda.send(new DeleteFunctionCommand({ FunctionName: id })), ...GONE);
  },
};

function toFound({ FunctionName: id = '' }: FunctionConfiguration): FoundResource {
  return { id, importId: id, label: `Lambda function ${id}` };
}
