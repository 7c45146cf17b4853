import assert from 'node:assert/strict';
import { readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanSummary } from '../../src/stacks/driver.ts';
import { leftovers } from '../stacks/leftovers.ts';
import { ANSWERS_PID, nodeConfig, uninterrupted, Workbench } from '../stacks/workbench.ts';

const PACK = `
const { PolicyPack } = require('@pulumi/policy');
new PolicyPack('pack', {
  policies: [
    {
      name: 'one-process',
      description: 'One process.',
      enforcementLevel: 'mandatory',
      validateResource: ({ name, type }, report) => {
        if (type === 'local-process:index:Process' && name !== 'p1') report('one process is enough');
      },
    },
  ],
});
`;
const MODULE = join(import.meta.dirname, '../doubles/guarded-blueprint/index.ts');

describe('a blueprint that has its stacks planned', () => {
  let bench: Workbench;
  beforeEach(async () => (bench = await Workbench.open({ blueprints: [MODULE] })));
  afterEach(async () => bench.close());

  function planned(): { plans: PlanSummary[]; context: Parameters<Workbench['driver']['provision']>[1] } {
    const plans: PlanSummary[] = [];
    return { plans, context: { ...uninterrupted(), onPlan: async (plan) => void plans.push(plan) } };
  }

  it('tells what a stack will be and cost before anything of it exists, and makes just that', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { processes: 2 }), 'command', 'guarded');
    const seen: number[] = [];
    const { plans, context } = planned();
    const { endpoints } = await bench.driver.provision(input, {
      ...context,
      onPlan: async (plan) => {
        seen.push((await bench.pids()).length);
        await context.onPlan?.(plan);
      },
    });
    assert.equal(endpoints.length, 2);
    assert.deepEqual(seen, [0]);
    const [{ digest, ...plan }] = plans as [PlanSummary];
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(plan.types['local-process:index:Process'], { create: 2 });
    assert.deepEqual(plan.cost?.perMonth, plan.resources * 1.5);
    // Delivered: nothing is planned any more.
    await bench.driver.provision(input, context);
    assert.equal(plans.length, 1);
    assert.deepEqual((await leftovers(bench.dataDir)).work, []);
  });

  it('makes nothing where the plan is refused, and says why', async () => {
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { most: 1 }), 'command', 'guarded');
    const { plans, context } = planned();
    await assert.rejects(bench.driver.provision(input, context), {
      name: 'BlueprintError',
      retryable: false,
      message: /^nothing was made, since the plan is refused: the stack would have \d resources, more than the 1 that/,
    });
    assert.deepEqual([plans, await bench.pids()], [[], []]);
  });

  it('is judged by policy packs before anything is made', async () => {
    const pack = await bench.folder({
      'PulumiPolicy.yaml': 'runtime: nodejs\n',
      'package.json': '{"name":"pack","version":"1.0.0","main":"index.js"}',
      'index.js': PACK,
    });
    await symlink(join(import.meta.dirname, '../../node_modules'), join(pack, 'node_modules'));
    const config = (processes: number) => nodeConfig(ANSWERS_PID, { processes, policies: [pack] });
    const { plans, context } = planned();
    const refused = await bench.input(1, config(2), 'command', 'guarded');
    await assert.rejects(bench.driver.provision(refused, context), {
      name: 'BlueprintError',
      message: /^policies forbid it: p2: One process\. one process is enough \(one-process\)$/,
    });
    assert.deepEqual([plans, await bench.pids()], [[], []]);
    await bench.driver.provision(await bench.input(2, config(1), 'command', 'guarded'), context);
    assert.equal(plans.length, 1);
  });

  it('is held to its plan by the engine, which makes nothing that is not in it', async () => {
    const turncoat = join(await bench.folder({}), 'turned');
    const input = await bench.input(1, nodeConfig(ANSWERS_PID, { turncoat }), 'command', 'guarded');
    const { plans, context } = planned();
    await assert.rejects(bench.driver.provision(input, context), {
      name: 'BlueprintError',
      message: /^p2: create is not allowed by the plan/,
    });
    assert.equal(plans.length, 1);
    const state = join(bench.dataDir, 'state/.pulumi/stacks/test/web-test-r1.json');
    assert.doesNotMatch(await readFile(state, 'utf8'), /::p2"/);
    assert.deepEqual(await readdir(join(bench.dataDir, 'work')), []);
  });
});
