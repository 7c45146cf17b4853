import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { loadClientConfigProfile } from '@temporalio/envconfig';
import { Ajv } from 'ajv';
import { resolveDataFolder } from '../../src/data-folder.ts';
import { compose, composeSchema, instructions, read, ROOT } from './files.ts';

/** A version down to its last part: `16` or `latest` would be another image tomorrow. */
const PINNED = /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.]+)?$/;

const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('is a compose file, by the schema of the compose specification', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(composeSchema());
    assert.ok(validate(compose), ajv.errorsText(validate.errors, { separator: '\n' }));
    assert.equal(validate({ ...compose, services: { worker: { imagee: 'x' } } }), false, 'the schema refuses nothing');
  });

  for (const [name, service] of services) {
    describe(name, () => {
      it('has a pinned image', () => {
        assert.match(service.image ?? '', PINNED);
      });

      it('opens its ports to this machine alone', () => {
        for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
      });

      it('waits only for what can become healthy', () => {
        for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
          assert.equal(condition, 'service_healthy');
          assert.ok(compose.services[other]?.healthcheck, `${other} has no health check`);
        }
      });

      it('uses only volumes that are declared', () => {
        for (const volume of service.volumes ?? [])
          assert.ok(Object.hasOwn(compose.volumes, volume.split(':')[0]!), volume);
      });

      it('runs only files that exist', () => {
        for (const word of service.command ?? []) {
          if (/\.[cm]?[jt]s$/.test(word)) assert.ok(existsSync(join(ROOT, word)), `${word} does not exist`);
        }
      });
    });
  }

  it('builds and names the same image for the worker and the router', () => {
    const { worker, router } = compose.services;
    const { version } = JSON.parse(read('package.json')) as { version: string };
    assert.equal(worker?.image, `supplant:${version}`);
    assert.deepEqual([router?.image, router?.build], [worker.image, worker.build]);
  });

  it('tells the worker where Temporal is by variables that the Temporal SDK reads', () => {
    const load = (variables: Record<string, string>) =>
      loadClientConfigProfile({ disableFile: true, overrideEnvVars: variables });
    const names = Object.keys(compose.services.worker?.environment ?? {});
    assert.ok(names.includes('TEMPORAL_ADDRESS'));
    for (const name of names.filter((each) => each.startsWith('TEMPORAL_'))) {
      assert.notDeepEqual(load({ [name]: 'something' }), load({}), `${name} makes no difference`);
    }
  });

  it('sets none of our own variables that nothing reads', () => {
    const sources = globSync('src/**/*.ts', { cwd: ROOT }).map(read).join('\n');
    for (const name of setForWorker().filter((each) => each.startsWith('SUPPLANT_'))) {
      assert.ok(sources.includes(name), `nothing in src reads ${name}`);
    }
  });

  it('starts the router where the worker looks for it', () => {
    const folder = resolveDataFolder('/data');
    const command = compose.services.router?.command ?? [];
    assert.deepEqual(command.slice(-4), ['--data', folder.router, '--socket', folder.routerSocket]);
  });

  it('leaves none of the worker\u2019s own environment variables unset', () => {
    const wanted = read('src/worker.ts').match(/\bSUPPLANT_[A-Z_]+/g) ?? [];
    const set = setForWorker();
    assert.deepEqual(
      wanted.filter((name) => !set.includes(name)),
      [],
    );
  });
});

/** Names of the environment variables that the worker is given by its image or its service. */
function setForWorker(): string[] {
  const byImage = instructions('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('=')[0]!));
  return [...byImage, ...Object.keys(compose.services.worker?.environment ?? {})];
}
