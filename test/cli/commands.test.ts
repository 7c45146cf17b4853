import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ApiError } from '../../src/contract/supplant-client.ts';
import { FIRST_EXPERIMENT } from '../../src/cli/commands/first-experiment.ts';
import { FIRST_MANIFEST } from '../../src/cli/commands/first-manifest.ts';
import { renderSchema } from '../../src/cli/commands/schema.ts';
import { Interrupted } from '../../src/cli/errors.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import type { LogPart } from '../../src/domain/logs.ts';
import { parseExperimentManifest } from '../../src/config/experiment/parse.ts';
import { parseManifest } from '../../src/config/manifest/parse.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { runCommand, type Surroundings } from '../doubles/recording-context.ts';
import * as sample from '../doubles/sample-views.ts';
import { assertGolden } from './golden.ts';

const WEB: Answers = { views: [sample.IDLE_VIEW], rollouts: [sample.SUCCEEDED] };
const MANIFEST = readFileSync('examples/folder/supplant.yaml', 'utf8');

async function ask(args: string, answers: Answers = WEB, surroundings: Surroundings = {}) {
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

describe('changes', () => {
  it('applies a manifest and follows the rollout to its end', async () => {
    const ran = await ask('apply -f svc/supplant.yaml --reason because', WEB, { readFile: async () => MANIFEST });
    assert.equal(ran.code, 0);
    const [spec, change] = ran.asked('apply') as [
      typeof sample.SPEC,
      { actor: string; reason: string; requestId: string },
    ];
    assert.equal(spec.artifact, 'dir:/home/ada/shop/svc/app');
    assert.deepEqual([change.actor, change.reason], ['ada@laptop', 'because']);
    assert.match(change.requestId, /^[0-9a-f-]{36}$/);
    assert.equal(ran.stdout.text, 'web/production: r17 is live, after 12s.\n');
    assert.match(ran.stderr.text, /✔ provision \(2\.0s\): 1 process/);
    assert.ok(ran.client.closed);
  });

  it('reads the manifest from standard input', async () => {
    const ran = await ask('apply -f - --no-wait', WEB, { readStdin: async () => MANIFEST });
    assert.equal(ran.code, 0);
    assert.equal((ran.asked('apply')![0] as typeof sample.SPEC).artifact, 'dir:/home/ada/shop/app');
    assert.equal(ran.asked('waitForRollout'), undefined);
    assert.match(ran.stdout.text, /^Rollout #12 of greeter\/production, r17 is started\.\nLook at it: supplant watch/);
  });

  it('warns of a value that looks like a secret, without a refusal and without quoting it', async () => {
    const given = (env: string) => {
      const config = { command: ['node'], env: { TOKEN: '@' } };
      const blueprint = JSON.stringify({ name: 'local-process', config }).replace('"@"', env);
      const head = 'apiVersion: supplant.dev/v1\nkind: Service\nname: web\nenvironment: production\nartifact: command';
      return ask('apply -f - --no-wait', WEB, { readStdin: async () => `${head}\nblueprint: ${blueprint}\n` });
    };
    const warned = await given('"xK9mPq2vL7zR4wT5"');
    assert.equal(warned.code, 0, warned.stderr.text);
    assert.match(warned.stderr.text, /Warning: blueprint\.config\.env\.TOKEN looks like a secret, by its name, /);
    assert.doesNotMatch(warned.stderr.text, /xK9mPq/);
    const referred = await given('{ "secret": "env:TOKEN" }');
    assert.doesNotMatch(referred.stderr.text, /Warning/);
  });

  it('warns of such a value in what a metric is asked with, too', async () => {
    const metric = '{name: a, atMost: 1, command: {run: [a], env: {API_TOKEN: xK9mPq2vL7zR4wT5}}}';
    const head = 'apiVersion: supplant.dev/v1\nkind: Service\nname: web\nenvironment: production\nartifact: command';
    const manifest = `${head}\nblueprint: local-process\nstrategy: {metrics: [${metric}]}\n`;
    const warned = await ask('apply -f - --no-wait', WEB, { readStdin: async () => manifest });
    assert.match(
      warned.stderr.text.replaceAll(/\s+/g, ' '),
      /Warning: strategy\.metrics\[0\]\.command\.env\.API_TOKEN looks like a secret, by its name, /,
    );
  });

  it('insists on the port of the manifest where that is wanted, and has to have one', async () => {
    const given = (manifest: string) =>
      ask('apply -f - --no-wait --strict-port', WEB, { readStdin: async () => manifest });
    const strict = await given(`${MANIFEST}\nrouter: { port: 8099 }\n`);
    assert.equal(strict.code, 0, strict.stderr.text);
    const { router } = strict.asked('apply')![0] as typeof sample.SPEC;
    assert.deepEqual(router, { ...router, kind: 'embedded', port: 8099, strictPort: true });
    const without = await given(MANIFEST);
    assert.equal(without.code, 2);
    assert.match(without.stderr.text, /--strict-port: the manifest names no router\.port/);
    assert.equal(without.asked('apply'), undefined);
  });

  it('says what a rollback ends, what it takes out of the queue, and what it waits for', async () => {
    const receipt = { revision: 7, ends: 9, drops: [10, 11], queuedBehind: 1 };
    const ran = await ask('rollback web/production --no-wait', { ...WEB, receipt });
    assert.equal(
      ran.stdout.text.split('Look at it')[0],
      [
        'Rollout #12 of web/production, r7 is accepted.',
        '  Waits behind 1 rollout.',
        '  Ends rollout #9 at its next safe point, then goes back to r7.',
        '  Takes #10, #11 out of the queue: asked for before this rollback, which they would undo.',
        '',
      ].join('\n'),
    );
    const rehearsed = await ask('rollback web/production --dry-run', { ...WEB, receipt: { ...receipt, rollout: 0 } });
    assert.match(
      rehearsed.stdout.text,
      /it would be done, with r7\. Nothing was started\.\n {2}Waits behind 1 rollout\.\n {2}Ends/,
    );
  });

  it('warns of what keeps a rollout from beginning, and gives it to programs', async () => {
    const receipt = { revision: 7, warnings: ['no worker serves pool eu-wst'] };
    for (const how of ['--no-wait', '--dry-run', '--no-wait --quiet']) {
      const ran = await ask(`rollback web/production ${how}`, { ...WEB, receipt });
      assert.equal(ran.code, 0, ran.stderr.text);
      assert.match(ran.stderr.text, /^Warning: no worker serves pool eu-wst\./);
    }
    const told = await ask('rollback web/production --no-wait -o json', { ...WEB, receipt });
    const { receipt: given } = JSON.parse(told.stdout.text) as { receipt: { warnings: string[] } };
    assert.deepEqual([given.warnings, told.stderr.text], [receipt.warnings, '']);
  });

  it('shows every fault of a manifest with its place, and asks nobody', async () => {
    const ran = await runCommand(['apply', '-f', 'supplant.yaml'], {
      readFile: async () => 'kind: Servise\nchecks: []\n',
    });
    assert.equal(ran.code, 2);
    assertGolden('apply-faults', ran.stderr.text);
  });

  it('sends who, why and the request id it is given', async () => {
    const ran = await ask('deploy web/production -a dir:app --request-id once', WEB, { env: { SUPPLANT_ACTOR: 'ci' } });
    assert.deepEqual(ran.asked('deploy'), [
      sample.SERVICE,
      'dir:/home/ada/shop/app',
      { actor: 'ci', requestId: 'once' },
    ]);
  });

  it('rolls back to the revision named', async () => {
    assert.equal((await ask('rollback web --to r15')).asked('rollback')![1], 15);
    assert.equal((await ask('rollback web')).asked('rollback')![1], undefined);
    const wrong = await ask('rollback web --to last');
    assert.deepEqual([wrong.code, wrong.client.calls.length], [2, 0]);
  });

  it('removes only what was confirmed', async () => {
    assert.equal((await ask('remove web')).code, 2);
    assert.equal((await ask('remove web', WEB, { confirm: async () => false })).code, 2);
    assert.equal((await ask('remove web', WEB, { confirm: async () => true })).code, 0);
    assert.ok((await ask('remove web --yes')).asked('remove'));
  });

  it('ends with 130 at Ctrl-C where it asks', async () => {
    const confirm = () => Promise.reject(new Interrupted('SIGINT'));
    const ran = await ask('remove web', WEB, { confirm });
    assert.deepEqual([ran.code, ran.stderr.text], [130, 'interrupted; nothing was done\n']);
    const json = await ask('remove web -o json', WEB, { confirm });
    assert.equal((JSON.parse(json.stderr.text) as { error: { reason: string } }).error.reason, 'INTERRUPTED');
  });

  it('restarts', async () => {
    const ran = await ask('restart web --reason leak');
    const [service, change] = ran.asked('restart') ?? [];
    assert.deepEqual([service, (change as { reason: string }).reason], [sample.SERVICE, 'leak']);
    const said = 'web/production: r17 is live, after 12s.\nAddress: http://127.0.0.1:8080\n';
    assert.deepEqual([ran.code, ran.stdout.text], [0, said]);
  });

  const unfinished = (progress: string) => new ApiError('UNAVAILABLE', 'no answer yet', { progress });

  it('shows what has to be done before there is an answer, and asks until there is one', async () => {
    const first = ['10', '10', '20'].map((files) => unfinished(`/srv/app is being copied: ${files} files so far`));
    const ran = await ask('deploy web -a /srv/app', { ...WEB, first });
    const asked = ran.client.calls.filter(({ method }) => method === 'deploy').map(({ args }) => args);
    assert.equal(asked.length, 4);
    for (const each of asked) assert.deepEqual(each, asked[0]);
    const [one, two, ...rest] = ran.stderr.text.split('\n');
    assert.deepEqual(
      [one, two],
      [10, 20].map((files) => `/srv/app is being copied: ${files} files so far.`),
    );
    assert.match(rest.join('\n'), /✔ provision/);
    assert.equal(ran.code, 0);
  });

  it('can be interrupted meanwhile, and says that nothing was started', async () => {
    const first = Array.from({ length: 1_000 }, () => unfinished('/srv/app is being copied'));
    const ran = await ask('deploy web -a /srv/app', { ...WEB, first }, impatient);
    assert.match(ran.stderr.text, /Interrupted before anything was started/);
    assert.deepEqual([ran.code, ran.stdout.text], [130, '']);
    const late = await ask('deploy web -a /srv/app --timeout 1ms', { ...WEB, first });
    assert.match(late.stderr.text, /The time to wait is over before anything was started/);
    assert.equal(late.code, EXIT.timedOut.code);
  });

  it('only asks whether it may with --dry-run', async () => {
    const ran = await ask('remove web --dry-run', { ...WEB, receipt: { rollout: 0 } });
    const [, change] = ran.asked('remove') ?? [];
    assert.equal((change as { dryRun?: boolean }).dryRun, true);
    assert.deepEqual([ran.code, ran.asked('waitForRollout')], [0, undefined]);
    assert.match(ran.stdout.text, /it would be done.* Nothing was started\./);
  });
  it('says with --dry-run what would be made live, and that nothing would be', async () => {
    const deploy = 'deploy web -a npm:a@1 --dry-run';
    const fresh = await ask(deploy, { ...WEB, receipt: { rollout: 0, queuedBehind: 2 } });
    assert.match(
      fresh.stdout.text,
      /: it would be done, with r17\. Nothing was started\.\n {2}Waits behind 2 rollouts\./,
    );
    const plan = { weights: [10, 100], earliestMs: 310_000, longestDetectMs: 310_000, worstExposureMs: 51_000 };
    const planned = await ask(deploy, { ...WEB, receipt: { rollout: 0, plan } });
    assert.match(
      planned.stdout.text,
      /\n {2}Plan: 10 %, 100 % of the traffic; settled after 5m10s at the earliest\.\n {2}If it proves bad, .* 51s of/,
    );
    const same = await ask(deploy, { ...WEB, receipt: { unchanged: true } });
    assert.match(same.stdout.text, /is so already \(r17\); nothing to do\.\nIt was not asked for: this is a dry run\./);
    const underWay = await ask(deploy, { ...WEB, receipt: { rollout: 12 } });
    assert.match(underWay.stdout.text, /: rollout #12 does so already\. Nothing was started\./);
  });
  it('says that there is nothing to do', async () => {
    const ran = await ask('deploy web -a npm:a@1.0.0', { ...WEB, receipt: { unchanged: true } });
    assert.deepEqual(
      [ran.code, ran.stdout.text],
      [0, 'web/production is so already (r17); nothing to do.\nAddress: http://127.0.0.1:8080\n'],
    );
  });

  it('is silent with --quiet when all went well', async () => {
    const ran = await ask('deploy web -a npm:a@1.0.0 -q');
    assert.deepEqual([ran.code, ran.stdout.text, ran.stderr.text], [0, '', '']);
  });

  const outcomes: [string, number, Answers][] = [
    ['succeeded', 0, { rollouts: [sample.SUCCEEDED] }],
    ['failed', 3, { rollouts: [sample.REFUSED] }],
    ['aborted', 3, { rollouts: [{ ...sample.REFUSED, outcome: 'aborted' }] }],
    ['rolled-back', 4, { rollouts: [sample.ROLLED_BACK] }],
  ];
  for (const [outcome, code, answers] of outcomes) {
    it(`ends with ${code} when the rollout ${outcome}`, async () => {
      for (const more of ['', ' -o json', ' -q']) {
        assert.equal((await ask(`deploy web -a npm:a@1.0.0${more}`, { ...WEB, ...answers })).code, code);
      }
    });
  }

  it('gives up waiting after --timeout, and says that the rollout goes on', async () => {
    const ran = await ask('deploy web -a npm:a@1.0.0 --timeout 20ms', {
      ...WEB,
      rollouts: [sample.BAKING],
      endless: true,
    });
    assert.equal(ran.code, 5);
    assert.match(ran.stderr.text, /time to wait is over; rollout #12 of web\/production goes on/);
  });

  it('lets go at Ctrl-C, and says how to look at the rollout', async () => {
    const ran = await ask('deploy web -a npm:a@1.0.0', { ...WEB, rollouts: [sample.BAKING], endless: true }, impatient);
    assert.equal(ran.code, 130);
    assert.match(
      ran.stderr.text,
      /Interrupted; rollout #12 .* goes on\.\n.*supplant watch web\/production\n.*supplant abort web\/production/,
    );
  });

  it('draws over nothing on a dumb terminal', async () => {
    const dumb = { tty: true, env: { TERM: 'dumb' } };
    const ran = await ask('deploy web -a npm:a@1.0.0', { ...WEB, rollouts: [sample.BAKING, sample.SUCCEEDED] }, dumb);
    assert.deepEqual([ran.code, ran.stderr.frames], [0, []]);
    assert.equal((await ask('watch web', WEB, dumb)).stdout.frames.length, 0);
  });

  it('draws over itself on a terminal and leaves the end on the screen', async () => {
    const ran = await ask(
      'deploy web -a npm:a@1.0.0',
      { ...WEB, rollouts: [sample.BAKING, sample.SUCCEEDED] },
      { tty: true },
    );
    assert.equal(ran.code, 0);
    assert.match(ran.stderr.frames.at(-1)!, /rollout #12, deploy of r17.*succeeded/);
  });

  it('refuses a time-out that is none', async () => {
    for (const text of ['0s', 'soon', '9999h']) assert.equal((await ask(`deploy web -a a --timeout ${text}`)).code, 2);
  });
});

describe('what --quiet leaves out', () => {
  it('is no rollout that went wrong, and why it did', async () => {
    const ran = await ask('deploy web -a npm:a@1.0.0 -q', { ...WEB, rollouts: [sample.ROLLED_BACK] });
    assert.equal(ran.stderr.text, '');
    assert.match(
      ran.stdout.text,
      /^web\/production: deploy of r17 rolled-back after .*\nr17 stopped answering during the bake\nDetails: supplant why/,
    );
  });
  it('are all words when all went well', async () => {
    for (const command of [
      ...['deploy web -a npm:a@1 --no-wait', 'remove web --dry-run', 'promote web', 'pin web r3', 'drop web 13'],
      ...['audit verify', 'init'],
    ]) {
      const ran = await ask(`${command} -q`, WEB, { writeNewFile: async () => undefined });
      assert.deepEqual([ran.code, ran.stdout.text, ran.stderr.text], [0, '', ''], command);
    }
  });
  it('is no error', async () => {
    const error = new ApiError('REFUSED', 'not now');
    for (const command of ['deploy web -a npm:a@1', 'promote web', 'pin web r3', 'status web', 'watch web'])
      assert.match((await ask(`${command} -q`, { ...WEB, error })).stderr.text, /^error: not now/, command);
  });
});

describe('verbs', () => {
  for (const verb of ['promote', 'pause', 'resume', 'abort', 'retry']) {
    it(`asks to ${verb}`, async () => {
      const ran = await ask(`${verb} web --rollout 12 --reason hurry`);
      assert.deepEqual(ran.asked('act'), [sample.SERVICE, verb, { rollout: 12, actor: 'ada@laptop', reason: 'hurry' }]);
      assert.deepEqual([ran.code, ran.stdout.text], [0, `web/production: ${verb} it is\n`]);
    });
  }
  it('deploys again what is on hold only with a reason', async () => {
    const refused = await ask('deploy web --artifact npm:x@2 --again');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr.text, /--again deploys what was rolled back.*\n.*--reason/s);
    const asked = (await ask('deploy web --artifact npm:x@2 --again --reason mended --no-wait')).asked('deploy');
    assert.equal((asked?.at(-1) as { again?: true }).again, true);
  });

  it('promotes in full only with a reason', async () => {
    const refused = await ask('promote web --full');
    assert.deepEqual([refused.code, refused.asked('act')], [2, undefined]);
    assert.match(refused.stderr.text, /--full leaves out steps that were planned.*\n.*--reason/s);
    const asked = (await ask('promote web --full --reason hurry')).asked('act');
    assert.deepEqual(asked, [sample.SERVICE, 'promote', { actor: 'ada@laptop', reason: 'hurry', full: true }]);
  });
  it('passes a refusal on', async () => {
    const error = new ApiError('REFUSED', 'the rollout is over', { suggestion: 'deploy again' });
    const ran = await ask('promote web/production', { ...WEB, error });
    assert.deepEqual([ran.code, ran.stderr.text], [2, 'error: the rollout is over\nhint: deploy again\n']);
  });
});

describe('notes', () => {
  const said: [command: string, method: string, which: number, effect: string][] = [
    ['pin web r3', 'pin', 3, 'r3 stays warm until it is unpinned'],
    ['unpin web 3', 'unpin', 3, 'retention decides about r3 again'],
    ['mark-bad web r3', 'markBad', 3, 'nobody goes back to r3 any more'],
    ['drop web #13', 'removeQueued', 13, 'rollout 13 was taken out of the queue'],
  ];
  for (const [command, method, which, effect] of said) {
    it(`asks to ${command}`, async () => {
      const ran = await ask(`${command} --reason smoke`);
      const [service, number, change] = ran.asked(method) ?? [];
      assert.deepEqual([service, number], [sample.SERVICE, which]);
      assert.deepEqual(
        { ...(change as object), requestId: '' },
        { actor: 'ada@laptop', reason: 'smoke', requestId: '' },
      );
      assert.deepEqual([ran.code, ran.stdout.text], [0, `web/production: ${effect}\n`]);
    });
  }
  it('refuses what is no revision', async () => assert.equal((await ask('pin web three')).code, 2));
});

describe('looks', () => {
  it('lists services', async () =>
    assert.match((await ask('list')).stdout.text, /web\/production {2}http:\/\/127\.0\.0\.1:8080 {2}r17 is live/));
  it('shows a service, and one rollout', async () => {
    assert.match((await ask('status web')).stdout.text, /REVISION {2}STATE/);
    const one = await ask('status web #12');
    assert.deepEqual(one.asked('rollout'), [sample.SERVICE, 12]);
    assert.match(one.stdout.text, /rollout #12, deploy of r17 {2}succeeded/);
  });
  const places = (...names: string[]): LogPart => ({
    ...{ kind: 'places', revision: 17, host: 'build-3' },
    logs: names.map((process) => ({ process, path: `/d/${process}.log` })),
  });
  it('shows what processes print', async () => {
    const printed: LogPart = { kind: 'lines', process: 'p2', lines: ['\u001b[31mred', 'b'] };
    const ran = await ask('logs web -n 5 --revision r17', { ...WEB, logs: [places('p1', 'p2'), printed] });
    assert.deepEqual(ran.asked('logs'), [sample.SERVICE, { lines: 5, follow: false, revision: 17 }]);
    assert.deepEqual([ran.code, ran.stdout.text], [0, 'p2 | \u001b[31mred\np2 | b\n']);
    assert.match(ran.stderr.text, /^r17 of web\/production, p1: \/d\/p1.log on build-3\n.*p2.log/);
    const alone: Answers = { ...WEB, logs: [places('p2'), printed] };
    assert.equal((await ask('logs web', alone, { tty: true })).stdout.text, 'red\nb\n');
    const json = await ask('logs web -o json', alone);
    assert.equal(json.stdout.text.split('\n')[1], '{"revision":"r17","process":"p2","line":"b"}');
    assert.equal((await ask('logs web -n -1')).code, 2);
  });
  it('follows logs until Ctrl-C', async () => {
    const ran = await ask('logs -f web', { ...WEB, logs: [places('p1')], endless: true }, impatient);
    assert.deepEqual([ran.code, ran.stdout.text], [130, '']);
  });
  it('tells why', async () => assert.match((await ask('why web')).stdout.text, /succeeded after 12s/));
  it('shows the history', async () => {
    const ran = await ask('history web --limit 3', { ...WEB, history: sample.HISTORY });
    assert.deepEqual(ran.asked('history'), [sample.SERVICE, 3]);
    assert.match(ran.stdout.text, /#12 .*✖ failed/);
  });

  it('watches until nothing runs, printing only what changed', async () => {
    const views = [sample.BAKING_VIEW, sample.BAKING_VIEW, { ...sample.IDLE_VIEW, rollout: sample.ROLLED_BACK }];
    const ran = await ask('watch web', { ...WEB, views });
    assert.equal(ran.code, 4);
    assert.equal(ran.stdout.text.match(/✔ provision/g)?.length, 1);
    assert.match(ran.stdout.text, /rolled-back after/);
  });
  it('watches in place on a terminal', async () => {
    const ran = await ask('watch web', { ...WEB, views: [sample.BAKING_VIEW, sample.IDLE_VIEW] }, { tty: true });
    assert.equal(ran.code, 0);
    assert.equal(ran.stdout.frames.length, 2);
    for (const text of ran.stdout.frames) assert.ok(text.split('\n').length < 24);
  });
  it('has nothing to watch where nothing runs', async () => {
    const ran = await ask('watch web', { ...WEB, views: [{ ...sample.IDLE_VIEW, rollout: sample.REFUSED }] });
    assert.equal(ran.code, 0);
    assert.match(ran.stderr.text, /Nothing runs/);
  });
  it('follows until Ctrl-C', async () => assert.equal((await ask('watch web --follow', WEB, impatient)).code, 130));
});

describe('audit', () => {
  const event = {
    seq: 1,
    key: 'k',
    type: 'rollout.started',
    subject: 'web/production',
    actor: 'ada',
    data: {},
    at: sample.secondsAgo(5),
    previousHash: '0',
    hash: '1',
  };
  const audit = Array.from({ length: 2100 }, (_, index) => ({ ...event, seq: index + 1 }));

  it('verifies, and names the broken line', async () => {
    assert.equal((await ask('audit verify')).code, 0);
    const broken = await ask('audit verify', {
      chain: { ok: false, events: 9, brokenSeq: 4, fault: 'its hash is of other content' },
    });
    assert.deepEqual(
      [broken.code, broken.stdout.text],
      [1, 'The chain is broken at line 4 of 9: its hash is of other content\n'],
    );
  });
  it('exports all of it, page by page', async () => {
    const lines = (await ask('audit export', { audit })).stdout.text.trimEnd().split('\n');
    assert.deepEqual(
      lines.map((text) => (JSON.parse(text) as { seq: number }).seq),
      audit.map(({ seq }) => seq),
    );
  });
  it('lists the newest', async () => {
    const ran = await ask('audit list --limit 2 -o json', { audit });
    assert.deepEqual(
      (JSON.parse(ran.stdout.text) as { events: { seq: number }[] }).events.map(({ seq }) => seq),
      [2099, 2100],
    );
  });
});

describe('-o json', () => {
  const documents: [string, string[]][] = [
    ['apply -f -', ['address', 'receipt', 'rollout']],
    ['deploy web -a npm:a@1.0.0 --no-wait', ['address', 'receipt', 'rollout']],
    ['rollback web', ['address', 'receipt', 'rollout']],
    ['remove web --yes', ['address', 'receipt', 'rollout']],
    ['pause web', ['effect', 'service', 'verb']],
    ['list', ['services']],
    ['status web', ['link', 'rollout', 'route', 'status']],
    ['history web', ['proofs', 'revisions', 'rollouts']],
    ['why web', ['rollout', 'sentences']],
    ['audit verify', ['events', 'head', 'ok']],
    ['audit list', ['events']],
    ['watch web', ['link', 'rollout', 'route', 'status']],
  ];
  for (const [args, keys] of documents) {
    it(`is the whole of what ${args} says`, async () => {
      const ran = await ask(`${args} -o json`, WEB, { readStdin: async () => MANIFEST });
      assert.deepEqual(Object.keys(JSON.parse(ran.stdout.text) as object).toSorted(), keys);
      assert.equal(ran.stderr.text, '');
    });
  }
  const errors: [string, string, number][] = [
    ['status nothing/production', 'NOT_FOUND', 2],
    ['deploy web', 'USAGE', 2],
    ['apply -f missing.yaml', 'USAGE', 2],
    ['frobnicate', 'USAGE', 2],
  ];
  for (const [args, reason, code] of errors) {
    it(`says what is wrong with ${args}`, async () => {
      const ran = await ask(`${args} -o json`);
      const { error } = JSON.parse(ran.stderr.text) as { error: { reason: string; exitCode: number; message: string } };
      assert.deepEqual([ran.code, error.reason, error.exitCode, ran.stdout.text], [code, reason, code, '']);
    });
  }
});

describe('errors', () => {
  const cases: [string, Answers, number, RegExp][] = [
    ['status wbe', WEB, 2, /^error: there is no service 'wbe'\nhint: did you mean web\/production\?\n$/],
    ['status we', WEB, 2, /hint: did you mean web\/production\?/],
    ['status pl', WEB, 2, /hint: supplant list shows all services\n$/],
    ['status xy/test', WEB, 2, /hint: supplant list shows all services\n$/],
    ['status web/prodution', WEB, 2, /hint: did you mean web\/production\?/],
    ['status web', {}, 2, /there is no service yet/],
    ['status Web!', WEB, 2, /write NAME\/ENVIRONMENT/],
    ['status web x', WEB, 2, /'x' is not a rollout's number/],
    ['statu web', WEB, 2, /hint: Did you mean status\?/],
    ['list --limit', WEB, 2, /unknown option '--limit'/],
    ['list -o xml', WEB, 2, /Use text or json/],
    [
      'list',
      { error: new ApiError('UNAVAILABLE', 'nobody answers', { suggestion: 'start supplant dev' }) },
      1,
      /^error: nobody answers\nhint: start supplant dev\n$/,
    ],
    ['list', { error: new Error('boom') }, 1, /^error: boom\nhint: this is a fault of Supplant/],
    [
      'list',
      { error: new ApiError('INVALID', 'no', { faults: [{ path: 'artifact', message: 'is a tag' }] }) },
      2,
      /^error: no\n {2}- artifact: is a tag\n$/,
    ],
  ];
  for (const [args, answers, code, message] of cases) {
    it(`answers ${args} with ${code}`, async () => {
      const ran = await ask(args, answers);
      assert.equal(ran.code, code, ran.stderr.text);
      assert.match(ran.stderr.text, message);
    });
  }
  it('shows a stack trace only with --verbose', async () => {
    assert.match((await ask('list --verbose', { error: new Error('boom') })).stderr.text, /\n {4}at /);
  });
  it('shows help on stderr where the command is left out', async () => {
    const ran = await runCommand([]);
    assert.deepEqual([ran.code, ran.stdout.text], [2, '']);
    assert.match(ran.stderr.text, /Exit codes:/);
  });
  it('shows help on stdout where it is asked for', async () => {
    const ran = await runCommand(['--help']);
    assert.deepEqual([ran.code, ran.stderr.text], [0, '']);
    assertGolden('help', ran.stdout.text);
  });
});

describe('colour', () => {
  const coloured = async (args: string, env: Record<string, string>, tty = true) =>
    (await ask(args, WEB, { env, tty })).stdout.text.includes('\u001b[');
  it('is for terminals, and for those who want it', async () => {
    assert.equal(await coloured('status web', {}), true);
    assert.equal(await coloured('status web', {}, false), false);
    assert.equal(await coloured('status web --no-color', {}), false);
    assert.equal(await coloured('status web', { NO_COLOR: '1' }), false);
    assert.equal(await coloured('status web', { TERM: 'dumb' }), false);
    assert.equal(await coloured('status web', { FORCE_COLOR: '1' }, false), true);
    assert.equal(await coloured('status web -o json', {}), false);
  });
  it('leaves Unicode to terminals that speak it', async () => {
    const ran = await ask('status web', WEB, { env: { LC_ALL: 'C' } });
    assert.doesNotMatch(ran.stdout.text, /[^\n -~]/);
  });
});

describe('init', () => {
  it('writes a first experiment, and its schema', async () => {
    const written = new Map<string, string>();
    const writeNewFile = async (path: string, text: string): Promise<void> => void written.set(path, text);
    const ran = await runCommand(['init', '--experiment'], { writeNewFile });
    assert.equal(ran.code, 0);
    assert.match(
      ran.stdout.text,
      /^Wrote experiment\.yaml and experiment\.schema\.json, .*apply -f experiment\.yaml\n$/s,
    );
    assert.deepEqual(
      [...written],
      [
        ['/home/ada/shop/experiment.yaml', FIRST_EXPERIMENT],
        ['/home/ada/shop/experiment.schema.json', await renderSchema('experiment')],
      ],
    );
    assert.ok(parseExperimentManifest(FIRST_EXPERIMENT).ok);
  });

  it('writes a manifest that is right, and the schema it names beside it', async () => {
    const written: string[][] = [];
    const ran = await runCommand(['init', 'deploy/web.yaml'], {
      writeNewFile: async (path, text) => void written.push([path, text]),
    });
    assert.equal(ran.code, 0);
    assert.deepEqual(written, [
      ['/home/ada/shop/deploy/web.yaml', FIRST_MANIFEST],
      ['/home/ada/shop/deploy/supplant.schema.json', await renderSchema('manifest')],
    ]);
    assert.match(FIRST_MANIFEST, /^# yaml-language-server: \$schema=\.\/supplant\.schema\.json\n/);
    assert.match(ran.stdout.text, /^Wrote deploy\/web.yaml and deploy\/supplant.schema.json/);
    assert.ok(parseManifest(FIRST_MANIFEST).ok);
  });
  it('never overwrites', async () => {
    const ran = await runCommand(['init'], {
      writeNewFile: () => Promise.reject(Object.assign(new Error('x'), { code: 'EEXIST' })),
    });
    assert.deepEqual(
      [ran.code, ran.stderr.text],
      [2, 'error: supplant.yaml exists already\nhint: name another file: supplant init FILE\n'],
    );
  });
  it('leaves a schema that is there as it is', async () => {
    const ran = await runCommand(['init'], {
      writeNewFile: async (path) => {
        if (path.endsWith('.json')) throw Object.assign(new Error('x'), { code: 'EEXIST' });
      },
    });
    assert.equal(ran.code, 0);
    assert.match(ran.stdout.text, /^Wrote supplant.yaml\. Next/);
  });
});

describe('schema', () => {
  it('is printed for editors', async () => {
    const ran = await runCommand(['schema']);
    assert.deepEqual([ran.code, ran.stdout.text], [0, await renderSchema('manifest')]);
    const access = JSON.parse((await runCommand(['schema', 'access'])).stdout.text) as { properties: object };
    assert.ok('bindings' in access.properties);
  });
  it('says what is wrong with a blueprint that cannot be loaded', async () => {
    const ran = await runCommand(['schema', '--blueprint', 'missing.ts']);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text, /no blueprint can be loaded from \/home\/ada\/shop\/missing.ts/);
  });
});

describe('dev', () => {
  const info = {
    api: '127.0.0.1:7700',
    temporalUi: 'http://127.0.0.1:8233',
    temporalAddress: '127.0.0.1:7233',
    namespace: 'default',
    routerSocket: '/r.sock',
    dataDir: '/d',
    store: '/d/supplant.sqlite',
  };

  it('says what runs, ends at Ctrl-C, and at once at a second one', async () => {
    const further = ['--blueprint', 'mine.ts', '--blueprint', '/opt/theirs.ts', '--state', 's3://bucket'];
    const ran = await runCommand(['dev', '--data', 'state', ...further], {
      onInterrupt: (listener) => {
        setImmediate(() => {
          listener('SIGINT');
          listener('SIGINT');
        });
        return { [Symbol.dispose]: () => undefined };
      },
      runDev: ({ dataDir, state, blueprints, onReady, signal, log }) => {
        assert.equal(state, 's3://bucket');
        assert.equal(dataDir, '/home/ada/shop/state');
        assert.deepEqual(blueprints, ['/home/ada/shop/mine.ts', '/opt/theirs.ts']);
        log('starting');
        onReady?.(info);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(0)));
      },
    });
    assert.deepEqual([ran.code, ran.exits], [0, [130]]);
    assert.match(ran.stdout.text, /Supplant runs here[^]*npx supplant apply/);
    assert.match(ran.stderr.text, /^starting\nEnding;/);
  });

  it('says at once that the state cannot be where it is told to be', async () => {
    const ran = await runCommand(['dev', '--state', 'redis://sesame@x'], {});
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text, /state at redis:\/\/… is not known; name a folder, postgres:/);
    assert.doesNotMatch(ran.stderr.text, /sesame/);
  });
});
