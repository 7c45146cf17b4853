import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { configSchema as asg } from '../../../blueprints/aws-asg/config.ts';
import { createBlueprint as createAsg } from '../../../blueprints/aws-asg/index.ts';
import { configSchema as ecs } from '../../../blueprints/aws-ecs/config.ts';
import { createBlueprint as createEcs } from '../../../blueprints/aws-ecs/index.ts';
import { configSchema as environment } from '../../../blueprints/aws-environment/config.ts';
import { configSchema as lambda } from '../../../blueprints/aws-lambda/config.ts';
import { createBlueprint as createLambda } from '../../../blueprints/aws-lambda/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

const SCHEMAS = { 'aws-asg': asg, 'aws-ecs': ecs, 'aws-environment': environment, 'aws-lambda': lambda } as const;
const BLUEPRINTS = { 'aws-asg': createAsg, 'aws-ecs': createEcs, 'aws-lambda': createLambda } as const;

interface Example {
  artifact?: string;
  blueprint: { name: keyof typeof SCHEMAS; config: JsonObject };
}

describe('the examples for AWS', () => {
  const examples = globSync('examples/aws/*.yaml').map((path) => ({
    path,
    ...(parse(readFileSync(path, 'utf8')) as Example),
  }));

  it('are there for every blueprint', () => {
    const names = examples.map(({ blueprint }) => blueprint.name);
    assert.deepEqual([...new Set(names)].sort(), Object.keys(SCHEMAS).sort());
  });

  for (const { path, artifact = '', blueprint } of examples) {
    it(`${path}: config and artifact are taken as they stand`, async () => {
      const read = SCHEMAS[blueprint.name].safeParse(blueprint.config);
      assert.deepEqual(read.error?.issues ?? [], []);
      if (blueprint.name === 'aws-environment') return;
      const made = await BLUEPRINTS[blueprint.name]();
      assert.deepEqual(await made.check(artifact, blueprint.config), []);
    });
  }
});
