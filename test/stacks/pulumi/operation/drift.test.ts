import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type ReadStep, type Seal, createSeal, readDrift } from '../../../../src/stacks/pulumi/operation/drift.ts';

const URN = 'urn:pulumi:web-test-r1::test::aws:lb/targetGroup:TargetGroup::main';

describe('what a step of a refresh says of drift', () => {
  let folder: string;
  let seal: Seal;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplant-seal-'));
    await writeFile(join(folder, 'one'), 'a passphrase\n');
    await writeFile(join(folder, 'two'), 'another one\n');
    seal = await createSeal(join(folder, 'one'));
  });
  after(() => rm(folder, { recursive: true }));

  const step = (more: Partial<ReadStep>): ReadStep => ({ op: 'update', urn: URN, type: 'aws:lb:TargetGroup', ...more });
  const properties = (more: Partial<ReadStep>): string[] | undefined => readDrift(step(more), seal)?.properties;

  it('is nothing where the provider says that it is the same, whatever it sets itself', () => {
    for (const op of ['same', 'refresh']) {
      assert.equal(
        readDrift(step({ op, old: { outputs: { status: 1 } }, new: { outputs: { status: 2 } } }), seal),
        undefined,
      );
    }
  });

  it('is a resource that is gone', () => {
    assert.deepEqual(readDrift(step({ op: 'delete' }), seal), {
      ...{ urn: URN, type: 'aws:lb:TargetGroup', name: 'main', kind: 'gone', properties: [], mark: '' },
    });
  });

  it('names the properties that the provider names, each once and without what is in them', () => {
    const detailedDiff = { 'tags.owner': {}, 'tags["cost center"]': {}, 'ingress[0].ports[1]': {} };
    assert.deepEqual(properties({ diffs: ['tags'], detailedDiff }), ['ingress', 'tags']);
    assert.deepEqual(properties({ diffs: null, detailedDiff: { port: {} } }), ['port']);
  });

  it('names what can be seen to differ where the provider names nothing: inputs before outputs', () => {
    const old = { inputs: { a: 1, b: 1, __defaults: [] }, outputs: { c: 1 } };
    assert.deepEqual(properties({ old, new: { inputs: { a: 2, b: 1 }, outputs: { c: 2 } } }), ['a']);
    assert.deepEqual(properties({ old, new: { inputs: { a: 1, b: 1 }, outputs: { c: 2 } } }), ['c']);
    assert.deepEqual(properties({ old, new: old }), []);
  });

  it('has a mark that tells values apart, is the same for the same ones, and depends on a key', async () => {
    const mark = (tags: object, of = seal) =>
      readDrift(step({ diffs: ['tags'], new: { inputs: { tags }, outputs: { tags, arn: 'x' } } }), of)?.mark;
    assert.equal(mark({ a: 'x', b: 'y' }), mark({ b: 'y', a: 'x' }));
    assert.notEqual(mark({ a: 'x' }), mark({ a: 'y' }));
    assert.match(mark({ a: 'x' }) ?? '', /^[0-9a-f]{16}$/);
    assert.notEqual(mark({ a: 'x' }), mark({ a: 'x' }, await createSeal(join(folder, 'two'))));
  });
});
