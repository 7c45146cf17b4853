import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { instructions, read, ROOT } from './files.ts';

describe('Dockerfile', () => {
  const images = instructions('FROM').map((rest) => rest.split(' ')[0]!);
  const stages = instructions('FROM').flatMap((rest) => / AS (\w+)$/.exec(rest)?.[1] ?? []);

  it('pins every image', () => {
    for (const image of images) assert.match(image, /^\w+:\d+\.\d+\.\d+-[a-z-]+$/);
  });

  it('runs the Node that this project is tested on', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
    const nodes = images.filter((image) => image.startsWith('node:'));
    assert.deepEqual([...new Set(nodes)], [`node:${devDependencies.node}-bookworm-slim`]);
  });

  it('builds Pulumi as the set-up does, with a Go that is new enough', async () => {
    const module = new URL('../../tools/setup/tools.mjs', import.meta.url).href;
    const { TOOLS } = (await import(module)) as { TOOLS: { name: string; goPackage: string; goVersionFlag: string }[] };
    const pulumi = TOOLS.find(({ name }) => name === 'pulumi')!;
    const build = instructions('RUN').find((rest) => rest.includes('go build'))!;
    assert.ok(build.endsWith(` ${pulumi.goPackage}`), build);
    assert.ok(build.includes(`'-s -w ${pulumi.goVersionFlag}'`), build);

    const parts = (version: string) => version.split('.').map(Number);
    const [, neededMinor, neededPatch] = parts(/^go (\S+)/m.exec(read('tools/pulumi/go.mod'))![1]!);
    const [, minor, patch] = parts(/^golang:([\d.]+)/.exec(images[0]!)![1]!);
    assert.ok(minor! > neededMinor! || (minor === neededMinor && patch! >= neededPatch!), images[0]);
  });

  it('copies only what exists, and what .dockerignore lets through', () => {
    const admitted = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const rest of instructions('COPY')) {
      const [first, ...others] = rest.split(' ');
      const stage = /^--from=(\w+)$/.exec(first!)?.[1];
      if (stage !== undefined) assert.ok(stages.includes(stage), rest);
      else {
        for (const source of [first!, ...others].slice(0, -1)) {
          assert.ok(existsSync(join(ROOT, source)), `${source} does not exist`);
          assert.ok(admitted.includes(source), `.dockerignore keeps ${source} out`);
        }
      }
    }
  });

  it('ends as an ordinary user, with a program that exists', () => {
    assert.deepEqual(instructions('USER'), ['node']);
    const command = JSON.parse(instructions('CMD').at(-1)!) as string[];
    const program = command.find((word) => word.endsWith('.ts'));
    assert.ok(program !== undefined && existsSync(join(ROOT, program)), `${program ?? 'the program'} does not exist`);
  });
});
