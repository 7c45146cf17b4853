import assert from 'node:assert/strict';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { RunOutcome } from '../../src/domain/experiment/run.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand, type Surroundings } from '../doubles/recording-context.ts';
import * as sample from '../doubles/sample-experiments.ts';

const NIGHTLY: Answers = {
  experiments: [sample.RUNNING_EXPERIMENT],
  runs: sample.RUN_LOOKS,
  results: sample.RESULTS,
  report: sample.REPORT,
};

async function ask(args: string, answers: Answers = NIGHTLY, surroundings: Surroundings = {}) {
  const client = new RecordingClient(answers);
  const ran = await runCommand(args.split(' '), { client, ...surroundings });
  return { ...ran, client, asked: (method: string) => client.calls.find((call) => call.method === method)?.args };
}

/** A person who presses Ctrl-C as soon as anyone listens. */
const impatient: Surroundings = {
  onInterrupt: (listener) => {
    setImmediate(listener, 'SIGINT');
    return { [Symbol.dispose]: () => undefined };
  },
};

const MANIFEST = `apiVersion: supplant.dev/v1
kind: Experiment
name: nightly
environment: production
ttl: 1h
variants:
  - { name: blue, artifact: ./app, blueprint: { name: local-process, config: { env: { TOKEN: xK9mPq2vL7zR4wT5 } } } }
`;

describe('apply of an experiment', () => {
  it('goes by the kind of the file, with its paths and a warning of what looks like a secret', async () => {
    const ran = await ask('apply -f x/experiment.yaml --reason why', NIGHTLY, { readFile: async () => MANIFEST });
    assert.equal(ran.code, 0, ran.stderr.text);
    const [spec, change] = ran.asked('applyExperiment') as [ExperimentSpec, { actor: string; reason: string }];
    const { source } = spec.variants[0]!;
    assert.equal(source.kind === 'release' && source.artifact, 'dir:/home/ada/shop/x/app');
    assert.deepEqual([change.actor, change.reason], ['ada@laptop', 'why']);
    assert.equal(ran.stdout.text, 'nightly/production: it is as described\n');
    const joined = ran.stderr.text.replaceAll('\n', ' ');
    assert.match(joined, /variants\[0\]\.blueprint\.config\.env\.TOKEN looks like a secret/);
  });

  it('shows every fault, and asks nobody', async () => {
    const ran = await runCommand(['apply', '-f', '-'], {
      readStdin: async () => MANIFEST.replace('ttl: 1h', 'ttl: 1'),
    });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text, /\(standard input\):5:6 ttl: expected a duration/);
  });

  it('has no port to insist on', async () => {
    const ran = await ask('apply -f - --strict-port', NIGHTLY, { readStdin: async () => MANIFEST });
    assert.deepEqual([ran.code, ran.asked('applyExperiment')], [2, undefined]);
  });
});

describe('supplant experiment', () => {
  it('takes a name where it is the only one, and offers the nearest', async () => {
    assert.deepEqual((await ask('experiment status nightly')).asked('viewExperiment'), [sample.EXPERIMENT]);
    const near = await ask('experiment status nightli/production');
    assert.equal(near.code, 2);
    assert.match(
      near.stderr.text,
      /there is no experiment 'nightli\/production'\nhint: did you mean nightly\/production/,
    );
    const two = [sample.RUNNING_EXPERIMENT, sample.PAUSED_EXPERIMENT].map((view) => ({
      ...view,
      spec: { ...view.spec, experiment: { ...view.spec.experiment, name: 'nightly' } },
    }));
    const both = await ask('experiment status nightly', { ...NIGHTLY, experiments: two });
    assert.match(both.stderr.text, /has 2 environments\nhint: say which: nightly\/production or nightly\/staging/);
    assert.match((await ask('experiment status Nightly')).stderr.text, /does not name an experiment/);
  });

  it('shows one, all, its runs, one run, and why', async () => {
    assert.match((await ask('experiment list')).stdout.text, /^EXPERIMENT .*\nnightly\/production /);
    assert.match((await ask('experiment status nightly')).stdout.text, /^Name: +nightly\/production/);
    assert.match((await ask('experiment history nightly')).stdout.text, /^RUN .*\n@12 /);
    assert.deepEqual((await ask('experiment history nightly --limit 3')).asked('listRuns')?.[1], { limit: 3 });
    const run = await ask('experiment status nightly @12');
    assert.match(run.stdout.text, /^Run: +nightly\/production@12/);
    assert.deepEqual(run.asked('viewRun'), [{ experiment: sample.EXPERIMENT, run: 12 }]);
    const why = await ask('experiment why nightly', { ...NIGHTLY, runs: [sample.PROBING] });
    assert.equal(why.stdout.text, `${sample.PROBING.sentences.join('\n')}\n`);
    assert.deepEqual(why.asked('viewRun'), [{ experiment: sample.EXPERIMENT }]);
    assert.equal((await ask('experiment why nightly last')).code, 2);
  });

  it('writes JSON for programs', async () => {
    const read = async (args: string): Promise<unknown> => JSON.parse((await ask(`${args} -o json`)).stdout.text);
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    assert.deepEqual(await read('experiment list'), plain({ experiments: [sample.RUNNING_EXPERIMENT] }));
    assert.deepEqual(await read('experiment status nightly'), plain(sample.RUNNING_EXPERIMENT));
    assert.deepEqual(await read('experiment why nightly'), plain({ run: sample.RUN_LOOKS[0] }));
    assert.deepEqual(await read('experiment history nightly'), plain({ runs: sample.RUN_LOOKS }));
    assert.deepEqual(await read('experiment pause nightly'), {
      experiment: 'nightly/production',
      verb: 'pause',
      effect: 'pauseExperiment it is',
    });
    assert.deepEqual(await read('reaper report'), plain(sample.REPORT));
    assert.deepEqual(await read('results show nightly'), plain({ run: sample.SUCCEEDED_RUN, results: sample.RESULTS }));
  });

  it('sends what it is asked for, with who and why', async () => {
    const paused = await ask('experiment pause nightly --reason later --request-id once');
    const change = { actor: 'ada@laptop', reason: 'later', requestId: 'once' };
    assert.deepEqual(paused.asked('pauseExperiment'), [sample.EXPERIMENT, change]);
    assert.equal(paused.stdout.text, 'nightly/production: pauseExperiment it is\n');
    assert.ok((await ask('experiment resume nightly')).asked('resumeExperiment'));
    const dry = await ask('experiment stop nightly 12 --dry-run');
    assert.equal((dry.asked('stop')?.[1] as { dryRun?: boolean }).dryRun, true);
    assert.match(dry.stdout.text, /nothing was done: this is a dry run/);
    assert.deepEqual((await ask('experiment extend nightly --by 1h30m')).asked('extend')?.slice(0, 2), [
      { experiment: sample.EXPERIMENT },
      5_400_000,
    ]);
    const span = '--from 2026-11-28T00:00:00Z --to 2026-11-29T01:00+01:00';
    assert.deepEqual((await ask(`experiment backfill nightly ${span}`)).asked('backfill')?.[1], {
      from: '2026-11-28T00:00:00.000Z',
      to: '2026-11-29T00:00:00.000Z',
    });
  });

  it('refuses durations and times that are none before it asks', async () => {
    for (const args of [
      'experiment extend nightly --by 90',
      'experiment backfill nightly --from yesterday --to 2026-11-29T00:00:00Z',
      'experiment run nightly --timeout soon',
    ]) {
      const ran = await ask(args);
      assert.deepEqual([ran.code, ran.client.calls.length], [2, 0], args);
    }
  });

  it('deletes only what was confirmed', async () => {
    assert.equal((await ask('experiment delete nightly')).code, 2);
    assert.equal((await ask('experiment delete nightly', NIGHTLY, { confirm: async () => false })).code, 2);
    assert.equal((await ask('experiment delete nightly', NIGHTLY, { confirm: async () => true })).code, 0);
    assert.ok((await ask('experiment delete nightly --yes')).asked('deleteExperiment'));
  });
});

describe('a run that is followed', () => {
  it('is told line by line, and ends as it does', async () => {
    const ran = await ask('experiment run nightly --reason try');
    assert.equal(ran.code, 0, ran.stderr.text);
    assert.deepEqual(ran.asked('watchRun'), [{ experiment: sample.EXPERIMENT, run: 12 }]);
    assert.match(ran.stderr.text, /^nightly\/production: runExperiment it is\n/);
    assert.match(ran.stderr.text, /@12 ✔ provision \(12s\): 2 stacks\n/);
    assert.equal(
      ran.stdout.text,
      'nightly/production@12 succeeded after 1m24s.\nResults: supplant results show nightly/production 12\n',
    );
  });

  const codes: [RunOutcome, number][] = [
    ['succeeded', EXIT.ok.code],
    ['failed', EXIT.rolloutFailed.code],
    ['expired', EXIT.rolloutFailed.code],
    ['lost', EXIT.rolloutFailed.code],
    ['stopped', EXIT.rolloutFailed.code],
    ['replaced', EXIT.rolloutFailed.code],
    ['skipped', EXIT.usage.code],
  ];
  for (const [outcome, code] of codes) {
    it(`ends with ${code} where it is ${outcome}`, async () => {
      const over = { ...sample.SUCCEEDED_RUN, status: { ...sample.SUCCEEDED_RUN.status, outcome } };
      const answers = { ...NIGHTLY, runs: [sample.PROBING, over] };
      assert.equal((await ask('experiment run nightly', answers)).code, code);
      assert.equal((await ask('experiment watch nightly', answers)).code, code);
      assert.equal((await ask('experiment watch nightly', { ...NIGHTLY, runs: [over] })).code, code);
    });
  }

  it('says that one was skipped, and why', async () => {
    const ran = await ask('experiment run nightly', { ...NIGHTLY, runs: [sample.SKIPPED_RUN] });
    assert.match(ran.stdout.text, /^nightly\/production@10 was skipped: it did not take place\.\nits budget of 8 /);
  });

  it('is left alone with --no-wait, and not begun by a dry run', async () => {
    const ran = await ask('experiment run nightly --no-wait');
    assert.deepEqual([ran.code, ran.asked('watchRun')], [0, undefined]);
    assert.match(ran.stdout.text, /Look at it: supplant experiment watch nightly\/production 12\n$/);
    const dry = await ask('experiment run nightly --dry-run');
    assert.match(dry.stdout.text, /Nothing was started: this is a dry run\.\n$/);
    assert.equal(dry.asked('watchRun'), undefined);
  });

  it('goes on at Ctrl-C and at the end of the time, which says how to stop it', async () => {
    const endless = { ...NIGHTLY, runs: [sample.PROBING], endless: true };
    for (const command of ['experiment run nightly', 'experiment watch nightly']) {
      const ran = await ask(command, endless, impatient);
      assert.equal(ran.code, EXIT.interrupted.code);
      assert.match(
        ran.stderr.text,
        /Interrupted; run nightly\/production@12 goes on\.\n.*watch nightly\/production 12\n.*experiment stop nightly\/production 12\n$/,
      );
      assert.equal(ran.asked('stop'), undefined);
    }
    assert.equal((await ask('experiment run nightly --timeout 5ms', endless)).code, EXIT.timedOut.code);
  });

  it('is drawn in place on a terminal', async () => {
    const ran = await ask('experiment watch nightly', NIGHTLY, { tty: true });
    assert.ok(ran.stdout.frames.length >= sample.RUN_LOOKS.length);
    assert.match(ran.stdout.frames.at(-1) ?? '', /run 12.*succeeded after 1m24s/);
  });

  it('is one document a line with -o json', async () => {
    const ran = await ask('experiment watch nightly -o json');
    const lines = ran.stdout.text.trim().split('\n');
    assert.equal(lines.length, sample.RUN_LOOKS.length);
    const last = JSON.parse(lines.at(-1) ?? '') as { run: typeof sample.PROBING };
    assert.equal(last.run.status.outcome, 'succeeded');
    const begun = JSON.parse((await ask('experiment run nightly -o json')).stdout.text) as { run: unknown };
    assert.deepEqual(begun.run, JSON.parse(JSON.stringify(sample.SUCCEEDED_RUN)));
  });
});

describe('supplant results', () => {
  it('lists and shows them', async () => {
    assert.match((await ask('results list nightly')).stdout.text, /^RUN .*MEASURED .*\n@12 /);
    assert.match((await ask('results show nightly')).stdout.text, /^Run: +nightly\/production@12/);
    const none = { ...NIGHTLY, runs: [sample.SKIPPED_RUN] };
    const { results: _, ...without } = none;
    assert.match((await ask('results list nightly', without)).stdout.text, /@10 .* nothing /);
    assert.equal((await ask('results show nightly', without)).code, 2);
  });

  it('exports them as JSON, to stdout or to a new file', async () => {
    const wanted = { run: sample.SUCCEEDED_RUN, results: sample.RESULTS };
    const ran = await ask('results export nightly 12');
    assert.deepEqual(JSON.parse(ran.stdout.text), JSON.parse(JSON.stringify(wanted)));
    const written = new Map<string, string>();
    const writeNewFile = async (path: string, text: string): Promise<void> => {
      if (written.has(path)) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
      written.set(path, text);
    };
    const saved = await ask('results export nightly --file out.json', NIGHTLY, { writeNewFile });
    assert.deepEqual([saved.code, saved.stdout.text], [0, 'Wrote out.json.\n']);
    assert.deepEqual(JSON.parse(written.get('/home/ada/shop/out.json') ?? ''), JSON.parse(JSON.stringify(wanted)));
    const again = await ask('results export nightly --file out.json', NIGHTLY, { writeNewFile });
    assert.deepEqual([again.code, again.stderr.text.split('\n')[0]], [2, 'error: out.json exists already']);
  });

  it('exports them as CSV, or as a page, by the ending of the file or as told', async () => {
    const csv = await ask('results export nightly 12 --format csv');
    assert.equal(csv.code, 0, csv.stderr.text);
    const [head = '', ...rows] = csv.stdout.text.trimEnd().split(/\r?\n/);
    assert.ok(head.includes('variant') && head.includes('probe'), head);
    assert.ok(rows.every((row) => row.split(',').length >= head.split(',').length));
    for (const { variant } of sample.RESULTS.measurements) assert.ok(rows.some((row) => row.includes(variant)));
    const written = new Map<string, string>();
    const writeNewFile = async (path: string, text: string): Promise<void> => void written.set(path, text);
    for (const file of ['out.csv', 'out.html']) {
      const saved = await ask(`results export nightly 12 --file ${file}`, NIGHTLY, { writeNewFile });
      assert.deepEqual([saved.code, saved.stdout.text], [0, `Wrote ${file}.\n`]);
    }
    assert.equal(written.get('/home/ada/shop/out.csv'), csv.stdout.text);
    const page = written.get('/home/ada/shop/out.html') ?? '';
    assert.match(page, /^<!doctype html>/i);
    assert.match(page, /nightly\/production@12/);
    assert.doesNotMatch(page, /src="https?:/);
    // What the ending says counts for nothing beside what was asked for.
    const asked = await ask('results export nightly 12 --format html --file out.csv', NIGHTLY, { writeNewFile });
    assert.equal(asked.code, 0);
    assert.equal(written.get('/home/ada/shop/out.csv'), page);
  });

  it('has to know as what', async () => {
    const ran = await ask('results export nightly --file out.txt');
    assert.deepEqual([ran.code, ran.client.calls.length], [2, 0]);
    assert.match(ran.stderr.text, /say it with --format: json, csv, html/);
    assert.equal((await ask('results export nightly --format xml')).code, 2);
  });
});

describe('supplant reaper', () => {
  it('reports what is nobody’s, and all on request', async () => {
    const ran = await ask('reaper report');
    assert.match(ran.stdout.text, /^Stacks: +7 stacks with an owner, 3 without\n/);
    assert.deepEqual(ran.asked('reaperReport'), [{ includeOwned: false }]);
    assert.deepEqual((await ask('reaper report --all')).asked('reaperReport'), [{ includeOwned: true }]);
  });

  it('is told to look now', async () => {
    const ran = await ask('reaper run --skip-grace --reason now');
    const [options, change] = ran.asked('runReaper') as [object, { reason: string }];
    assert.deepEqual([options, change.reason], [{ skipGrace: true }, 'now']);
    assert.equal(ran.stdout.text, 'reaper: it looks now\n');
  });
});
