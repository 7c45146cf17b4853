import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { DrillSpec } from '../../src/domain/experiment/drill/drill.ts';
import type { RunView } from '../../src/domain/experiment/view.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import { Platform, change, spec } from './platform.ts';

const NAME = 'drilled';
const service = { name: NAME, environment: 'test' };
const key = { name: 'drilled-drill', environment: 'test' };

/**
 * A server that keeps a note of its format in a file, as a program does with its data. It refuses to start on a format that
 * is newer than its own, and writes its own over an older one.
 */
function keeper(format: number, file: string): ServiceSpec['blueprint'] {
  const source = [
    "const { existsSync, readFileSync, writeFileSync } = require('fs');",
    'const file = process.env.DATA;',
    "const found = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).format : 0;",
    `if (found > ${format}) { console.error('format ' + found + ' is not known here'); process.exit(1); }`,
    `writeFileSync(file, JSON.stringify({ format: ${format} }));`,
    `require('http').createServer((q, s) => s.end('format ${format}')).listen(process.env.PORT, '127.0.0.1');`,
  ].join('\n');
  return { name: 'local-process', config: { command: [process.execPath, '-e', source], env: { DATA: file } } };
}

describe('a drill with the real engine', () => {
  let platform: Platform;
  let folder: string;

  before(async () => {
    platform = await Platform.share();
    folder = await mkdtemp(join(tmpdir(), 'supplant-drill-'));
  });
  after(async () => {
    await (platform as Platform | undefined)?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const dataOf = (name: string): string => join(folder, `${name}.json`);

  function release(format: number, more: Partial<ServiceSpec> = {}): ServiceSpec {
    return { ...spec(NAME, keeper(format, dataOf('live'))), ...more };
  }

  async function deploy(described: ServiceSpec): Promise<RolloutStatus> {
    const { rollout } = await platform.client.apply(described, change());
    return platform.client.waitForRollout(service, rollout);
  }

  /** A drill of it, on data of its own. */
  async function runDrill(data: string, over: Partial<DrillSpec> = {}): Promise<RunView['status']> {
    const { experiments } = platform.client;
    const patch = { blueprint: { config: { env: { DATA: dataOf(data) } } } };
    const described: ExperimentSpec = {
      experiment: key,
      ...{ variants: [], drill: { service, patch, ...over }, probes: [] },
      ...{ ttlMs: 600_000, stay: 'until-probed', overlap: 'skip', budget: {}, keepMs: 600_000 },
    };
    await experiments.apply(described, change());
    const { run = 0 } = await experiments.run(key, change());
    let last: RunView['status'] | undefined;
    for await (const { status } of experiments.watchRun({ experiment: key, run }, new AbortController().signal)) {
      last = status;
    }
    assert.ok(last?.outcome !== undefined);
    return last;
  }

  /** A release with that format, by what is different from how the service is described. */
  const candidate = (format: number): NonNullable<DrillSpec['release']> => ({
    patch: { blueprint: { config: { command: keeper(format, '').config.command! } } },
  });

  it('tells a rollback that works from one that does not, and a demanding service goes by it', async () => {
    const demanding = { rollbackSafety: 'proven' } as const;
    assert.equal((await deploy(release(1, demanding))).outcome, 'succeeded');

    // Nobody has tried it.
    await assert.rejects(
      platform.client.apply(release(2, demanding), change()),
      (error: unknown) =>
        error instanceof ApiError &&
        error.reason === 'REFUSED' &&
        error.message.includes('to r1 is not proven') &&
        (error.suggestion ?? '').includes('supplant drill drilled/test'),
    );

    // Format 2 cannot be read by the release that is live.
    const broken = await runDrill('broken', { release: candidate(2) });
    assert.equal(broken.outcome, 'failed');
    assert.match(broken.because ?? '', /^r1 could not be made on what .* left: /);
    assert.match(broken.because ?? '', /format 2 is not known here/);
    assert.equal(await readFile(dataOf('broken'), 'utf8'), JSON.stringify({ format: 2 }));
    await assert.rejects(
      platform.client.apply(release(2, demanding), change()),
      /is disproven by drilled-drill\/test@1/,
    );

    // Another program with the same format can be gone back from.
    const good = release(1, { ...demanding, blueprint: withMark(release(1).blueprint) });
    const { command } = good.blueprint.config;
    const proven = await runDrill('good', { release: { patch: { blueprint: { config: { command: command! } } } } });
    assert.equal(proven.outcome, 'succeeded', proven.because);
    const rehearsed = await platform.client.apply(good, { ...change(), dryRun: true });
    assert.deepEqual(rehearsed.rollback, { to: 1, verdict: 'proven', run: 'drilled-drill/test@2' });
    const rolledOut = await deploy(good);
    assert.equal(rolledOut.outcome, 'succeeded', rolledOut.because);
    const plan = rolledOut.phases.find(({ phase }) => phase === 'plan');
    assert.equal(plan?.note, 'rollback to r1: proven by drilled-drill/test@2');
    assert.deepEqual((await platform.client.view(service)).rollback, rehearsed.rollback);

    // What is live is not touched by any of it, and nothing is left of the drills.
    assert.equal(await readFile(dataOf('live'), 'utf8'), JSON.stringify({ format: 1 }));
    for (const name of ['first', 'back', 'again']) {
      for (const run of [1, 2]) assert.deepEqual(await platform.pids(`drilled-drill--${name}-test-r${run}`), []);
    }
    const verdicts = (await platform.client.rollbackProofs(service)).map(({ verdict, toLabel }) => [verdict, toLabel]);
    assert.deepEqual(verdicts, [
      ['proven', 'r1'],
      ['disproven', 'r1'],
    ]);
    assert.equal((await platform.client.verifyAudit()).ok, true);
  });

  it('without a release tries the rollback from what is live to what was before', async () => {
    const status = await runDrill('again');
    assert.equal(status.outcome, 'succeeded', status.because);
    assert.equal(status.because, 'a rollback from r2 to r1 is proven');
  });

  it('finds what somebody else has left in the data', async () => {
    await writeFile(dataOf('foreign'), JSON.stringify({ format: 9 }));
    const status = await runDrill('foreign');
    assert.equal(status.outcome, 'failed');
    // The first release says nothing of a rollback.
    assert.match(status.because ?? '', /^r2 could not be made: /);
    const [latest] = await platform.client.rollbackProofs(service);
    assert.equal(latest?.verdict, 'proven');
  });
});

describe('an experiment whose blueprint does not take what it is made from', () => {
  let platform: Platform;

  before(async () => {
    platform = await Platform.share();
  });
  after(async () => (platform as Platform | undefined)?.dispose());

  it('is refused when it is applied, also in a dry run, with every fault at its place', async () => {
    const { experiments } = platform.client;
    const release = (blueprint: ServiceSpec['blueprint']) => ({
      kind: 'release' as const,
      artifact: 'command',
      blueprint,
    });
    const described: ExperimentSpec = {
      experiment: { name: 'unfit', environment: 'test' },
      variants: [
        { name: 'typo', source: release({ name: 'local-process', config: { comand: ['node'] } }) },
        { name: 'other', source: release({ name: 'local-proces', config: {} }) },
      ],
      ...{ probes: [], ttlMs: 60_000, stay: 'until-ttl', overlap: 'skip', budget: {}, keepMs: 60_000 },
    };
    for (const more of [{ dryRun: true }, {}]) {
      const error: unknown = await experiments
        .apply(described, { ...change(), ...more })
        .catch((failure: unknown) => failure);
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.reason, 'INVALID');
      const paths = error.faults.map(({ path }) => path);
      assert.ok(
        paths.some((path) => path.startsWith('variants[0].blueprint.config')),
        paths.join(),
      );
      assert.ok(paths.includes('variants[1].blueprint.name'), paths.join());
    }
    // Nothing is left of the questions.
    const known = (await platform.client.services()).map(({ status }) => status.spec.service.name);
    assert.deepEqual(
      known.filter((name) => name.startsWith('unfit')),
      [],
    );
    await assert.rejects(experiments.view(described.experiment), /there is no experiment/);
  });
});

/** The same program with another text, which makes it another release. */
function withMark({ name, config }: ServiceSpec['blueprint']): ServiceSpec['blueprint'] {
  const [node, flag, source] = config.command as string[];
  return { name, config: { ...config, command: [node!, flag!, `${source!}\n// another release`] } };
}
