import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitNetwork } from '../../../blueprints/aws-environment/network.ts';
import { parseStoredObject } from '../../../blueprints/aws/artifacts.ts';
import { isNameOfStack } from '../../../blueprints/aws/kind.ts';
import { buildTags, formatAwsName, readTags } from '../../../blueprints/aws/names.ts';
import { formatStackName } from '../../../src/domain/service/revision.ts';
import { NAME } from '../../../src/domain/service/service.ts';

const name = fc.stringMatching(NAME);
const stack = fc.record({ service: name, environment: name, revision: fc.integer({ min: 1, max: 999_999_999 }) });
const idOf = ({ service, environment, revision }: { service: string; environment: string; revision: number }) => ({
  project: environment,
  stack: formatStackName({ name: service, environment }, revision),
});

describe('names in AWS', () => {
  it('are what every kind of resource takes, and are known again', () => {
    fc.assert(
      fc.property(stack, (of) => {
        const formatted = formatAwsName(idOf(of));
        assert.match(formatted, /^(?!-)[a-zA-Z0-9-]{1,32}(?<!-)$/);
        assert.ok(formatted.endsWith(`-r${of.revision}`));
        assert.ok(isNameOfStack(formatted));
      }),
    );
  });

  it('differ where service and environment do, however they read together', () => {
    const one = formatAwsName(idOf({ service: 'a-b', environment: 'c', revision: 1 }));
    const other = formatAwsName(idOf({ service: 'a', environment: 'b-c', revision: 1 }));
    assert.notEqual(one, other);
    assert.match(one, /^a-b-c-[0-9a-f]{6}-r1$/);
  });

  it('are told by tags', () => {
    fc.assert(fc.property(stack, (of) => assert.deepEqual(readTags(buildTags(idOf(of))), idOf(of))));
    assert.equal(readTags({ Name: 'somebody else’s' }), undefined);
  });
});

describe('an artifact in S3', () => {
  const CASES: [artifact: string, ReturnType<typeof parseStoredObject>][] = [
    ['s3://code/a/web.zip#v1', { bucket: 'code', key: 'a/web.zip', version: 'v1' }],
    ['s3://code/web.zip', undefined],
    ['s3://C/web.zip#v1', undefined],
    ['https://code/web.zip#v1', undefined],
  ];
  for (const [artifact, expected] of CASES) {
    it(artifact, () => assert.deepEqual(parseStoredObject(artifact), expected));
  }
});

describe('a network of its own', () => {
  it('is split into equal parts', () => {
    assert.deepEqual(splitNetwork('10.20.0.0/16', 3), ['10.20.0.0/20', '10.20.16.0/20', '10.20.32.0/20']);
  });
});
