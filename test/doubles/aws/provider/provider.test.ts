import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { readArgumentFacts } from './argument-facts.ts';
import type { ResourceKind } from './kind.ts';
import { RESOURCE_KINDS } from './kinds/index.ts';
import { findArgumentFaults, findChanges, findKind } from './planning.ts';
import { isCovered, UNKNOWN, unwrapSecrets, wrapSecret } from './values.ts';

const kinds = new Map(RESOURCE_KINDS.map((kind) => [kind.type, kind]));
const kindOf = (type: string): ResourceKind => {
  const kind = kinds.get(type);
  assert.ok(kind, type);
  return kind;
};

describe('the double of the AWS provider', () => {
  for (const { type, fixed } of RESOURCE_KINDS) {
    it(`knows ${type} by what the package says of it`, () => {
      const { known, required } = readArgumentFacts(type);
      assert.ok(known.size > 0);
      assert.ok(required.every((property) => known.has(property)));
      assert.deepEqual(
        fixed.filter((property) => !known.has(property)),
        [],
      );
    });
  }

  it('refuses a type that it does not stand in for', () => {
    const urn = 'urn:pulumi:s::p::aws:s3/bucket:Bucket::b';
    assert.throws(() => findKind(kinds, urn), /unrecognized resource type \(aws:s3\/bucket:Bucket\)/);
  });

  /** From the plugin's sources: terraform-provider-aws. */
  const REFUSED: [title: string, type: string, inputs: JsonObject, reasons: RegExp[]][] = [
    [
      'an unknown argument',
      'aws:autoscaling/group:Group',
      { name: 'a', minSize: 1, maxSize: 1, size: 1 },
      [/unknown key "size"/],
    ],
    [
      'a missing argument',
      'aws:autoscaling/group:Group',
      { name: 'a', maxSize: 1 },
      [/Missing required argument "minSize"/],
    ],
    ['no name of its own', 'aws:ec2/launchTemplate:LaunchTemplate', {}, [/no name/]],
    [
      'a long name',
      'aws:lb/targetGroup:TargetGroup',
      { name: 'a'.repeat(33), targetType: 'lambda' },
      [/32 characters/],
    ],
    [
      'a name that ends in a hyphen',
      'aws:lb/targetGroup:TargetGroup',
      { name: 'a-', targetType: 'lambda' },
      [/32 characters/],
    ],
    [
      'a group of instances without a network',
      'aws:lb/targetGroup:TargetGroup',
      { name: 'a', port: 80, protocol: 'HTTP' },
      [/"vpcId" must be/],
    ],
  ];
  for (const [title, type, inputs, reasons] of REFUSED) {
    it(`refuses ${title}`, () => {
      const faults = findArgumentFaults(kindOf(type), inputs).map(({ reason }) => reason);
      assert.equal(faults.length, reasons.length);
      for (const [index, reason] of reasons.entries()) assert.match(faults[index] ?? '', reason);
    });
  }

  const GROUP = { name: 'a', port: 80, protocol: 'HTTP', vpcId: 'vpc-1', deregistrationDelay: 30 };
  const CHANGES: [title: string, change: JsonObject, changed: string[], replaced: string[]][] = [
    ['nothing', {}, [], []],
    ['what can be changed', { deregistrationDelay: 60 }, ['deregistrationDelay'], []],
    ['what cannot', { port: 81 }, ['port'], ['port']],
    ['what is not known yet', { vpcId: UNKNOWN }, ['vpcId'], ['vpcId']],
    ['tags', { tags: { a: 'b' } }, ['tags'], []],
  ];
  for (const [title, change, changed, replaced] of CHANGES) {
    it(`finds a change of ${title}`, () => {
      const kind = kindOf('aws:lb/targetGroup:TargetGroup');
      const news = { ...GROUP, ...change };
      const olds = { ...GROUP, arn: 'arn', healthCheck: { path: '/' }, tags: {}, tagsAll: {} };
      const allTags = (news as { tags?: Record<string, string> }).tags ?? {};
      const found = findChanges({ kind, news, oldInputs: GROUP, olds, allTags });
      assert.deepEqual(found, changed);
      assert.deepEqual(
        found.filter((property) => kind.fixed.includes(property)),
        replaced,
      );
    });
  }

  it('takes a document for the same, however it is written', () => {
    const kind = kindOf('aws:iam/role:Role');
    const news = { name: 'a', assumeRolePolicy: '{"a":1,"b":[1]}' };
    const olds = { name: 'a', assumeRolePolicy: '{ "b": [1], "a": 1 }', tagsAll: {} };
    assert.deepEqual(findChanges({ kind, news, oldInputs: news, olds, allTags: {} }), []);
  });

  it('finds that an argument is given no more', () => {
    const kind = kindOf('aws:lb/targetGroup:TargetGroup');
    const { deregistrationDelay: _left, ...news } = GROUP;
    assert.deepEqual(findChanges({ kind, news, oldInputs: GROUP, olds: GROUP, allTags: {} }), ['deregistrationDelay']);
  });

  it('finds no change where AWS has filled in what is left out', () => {
    const kind = kindOf('aws:ec2/launchTemplate:LaunchTemplate');
    const news = { name: 'a', imageId: 'ami-1' };
    const imported = { ...news, defaultVersion: 1 };
    assert.deepEqual(findChanges({ kind, news, oldInputs: imported, olds: imported, allTags: {} }), []);
  });

  it('reads what the engine marks as secret', () => {
    assert.deepEqual(unwrapSecrets({ a: [wrapSecret({ b: wrapSecret('c') })] }), { a: [{ b: 'c' }] });
  });

  const COVERED: [wanted: unknown, there: unknown, isSo: boolean][] = [
    [{ a: 1 }, { a: 1, b: 2 }, true],
    [{ a: 1 }, undefined, false],
    [['a', 'b'], ['b', 'a'], true],
    [['a'], ['a', 'b'], false],
    [[{ a: 1 }], [{ a: 1, b: 2 }], true],
    ['256', 256, true],
    [{}, undefined, true],
    [undefined, null, true],
  ];
  for (const [wanted, there, isSo] of COVERED) {
    it(`${JSON.stringify(wanted)} is ${isSo ? '' : 'not '}covered by ${JSON.stringify(there)}`, () => {
      assert.equal(isCovered(wanted, there), isSo);
    });
  }
});
