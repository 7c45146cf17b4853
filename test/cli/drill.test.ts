import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ExperimentSpec } from '../../src/domain/experiment/experiment.ts';
import type { ExperimentView } from '../../src/domain/experiment/view.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { type Surroundings, runCommand } from '../doubles/recording-context.ts';
import { IDLE_VIEW, SPEC } from '../doubles/sample-views.ts';
import * as sample from '../doubles/sample-experiments.ts';

const WEB = { name: 'web', environment: 'production' };
const KEY = { name: 'web-drill', environment: 'production' };
const BEFORE: ExperimentSpec = {
  ...sample.EXPERIMENT_SPEC,
  experiment: KEY,
  variants: [],
  drill: { service: WEB, release: { artifact: 'npm:web@1.0.0' }, patch: { blueprint: { config: { db: 'copy' } } } },
};
const VIEW: ExperimentView = { ...sample.IDLE_EXPERIMENT, spec: BEFORE };

async function drill(args: string, view: ExperimentView | undefined, surroundings: Surroundings = {}) {
  const client = new RecordingClient({ experiments: view ? [view] : [], runs: sample.RUN_LOOKS, views: [IDLE_VIEW] });
  const ran = await runCommand(['drill', ...args.split(' ')], { client, ...surroundings });
  const asked = (method: string) => client.calls.find((call) => call.method === method)?.args;
  const applied = asked('applyExperiment')?.[0];
  return { ...ran, asked, applied: applied as ExperimentSpec | undefined };
}

describe('supplant drill', () => {
  it('describes the experiment, and of a dry run begins nothing', async () => {
    const ran = await drill('web/production --artifact ./app --ttl 5m --dry-run --request-id a-request-1', undefined);
    assert.equal(ran.code, 0, ran.stderr.text);
    assert.deepEqual(ran.applied?.experiment, KEY);
    assert.deepEqual(ran.applied.drill, { service: WEB, release: { artifact: 'dir:/home/ada/shop/app' } });
    assert.equal(ran.applied.ttlMs, 300_000);
    assert.equal(ran.asked('runExperiment'), undefined);
    assert.equal(
      ran.stdout.text,
      'web-drill/production: it is as described\nNothing was started: this is a dry run.\n',
    );
  });

  it('runs it, follows the run, and ends as it does', async () => {
    const ran = await drill('web/production --reason try', VIEW);
    assert.equal(ran.code, 0, ran.stderr.text);
    // What is not asked for now stays, but for the release.
    assert.deepEqual(ran.applied?.drill, { service: WEB, patch: BEFORE.drill?.patch });
    assert.deepEqual(ran.applied.probes, BEFORE.probes);
    assert.deepEqual(ran.asked('runExperiment')?.[0], KEY);
    assert.ok(ran.asked('watchRun'));
  });

  it('reads what is different of both from a file', async () => {
    const readFile = async (): Promise<string> => 'blueprint: { config: { db: other } }';
    const ran = await drill('web/production --patch p.yaml --no-wait', VIEW, { readFile });
    assert.deepEqual(ran.applied?.drill?.patch, { blueprint: { config: { db: 'other' } } });
    const faulty = await drill('web/production --patch p.yaml', VIEW, { readFile: async () => '[1]' });
    assert.deepEqual([faulty.code, faulty.applied], [2, undefined]);
    assert.match(faulty.stderr.text, /p\.yaml:1:1.*expected a mapping/);
  });

  it('takes a release from its manifest, by what is different from how the service is described', async () => {
    const manifest = `apiVersion: supplant.dev/v1
kind: Service
name: web
environment: production
artifact: npm:web@9.0.0
blueprint: { name: ${SPEC.blueprint.name}, config: { mark: new } }
`;
    const ran = await drill('--file web.yaml --no-wait', VIEW, { readFile: async () => manifest });
    assert.equal(ran.code, 0, ran.stderr.text);
    const { artifact, patch, checks } = ran.applied?.drill?.release ?? {};
    assert.equal(artifact, 'npm:web@9.0.0');
    assert.equal((patch as { blueprint: { config: { mark?: string } } }).blueprint.config.mark, 'new');
    assert.ok(checks === undefined || checks.length === 1);
    const other = await drill('api/production --file web.yaml', VIEW, { readFile: async () => manifest });
    assert.match(other.stderr.text, /web\.yaml describes web\/production, not api\/production/);
    const both = await drill('--file web.yaml --artifact b', VIEW, { readFile: async () => manifest });
    assert.match(both.stderr.text, /--artifact and --file both name a release/);
    assert.match((await drill('--no-wait', VIEW)).stderr.text, /which service is to be drilled is not said/);
  });

  it('takes no other experiment for a drill', async () => {
    const { drill: _drill, ...other } = BEFORE;
    const ran = await drill('web/production', { ...VIEW, spec: other });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr.text, /there is an experiment web-drill\/production already, and it is no drill/);
    const named = await drill('web/production --name back --dry-run', undefined);
    assert.deepEqual(named.applied?.experiment, { ...KEY, name: 'back' });
  });

  it('refuses what is no duration, and no name', async () => {
    assert.match((await drill('web/production --ttl 5', VIEW)).stderr.text, /--ttl: '5' is not a duration/);
    assert.match((await drill('web/production --name A_b', VIEW)).stderr.text, /--name: 'A_b' names no experiment/);
  });
});
