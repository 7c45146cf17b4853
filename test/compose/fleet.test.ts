import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { type Compose, type Service, compose, composeSchema, read } from './files.ts';

/** Merges for two files, as `docker compose -f … -f …` does it: environment by name, volumes by where they are mounted. */
const fleet = parse(read('docker-compose.fleet.yml'), { merge: true }) as Compose & {
  secrets: Record<string, { file: string }>;
};

function merge(base: Service | undefined, over: Service): Service {
  return {
    ...base,
    ...over,
    environment: { ...base?.environment, ...over.environment },
    volumes: over.volumes ?? base?.volumes ?? [],
  };
}

const services = Object.fromEntries(
  Object.entries(fleet.services).map(([name, service]) => [name, merge(compose.services[name], service)]),
);

describe('docker-compose.fleet.yml', () => {
  it('is a compose file, by the schema of the compose specification', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
    const validate = ajv.compile(composeSchema());
    assert.ok(validate(fleet), ajv.errorsText(validate.errors, { separator: '\n' }));
  });

  it('has two workers and two gateways, and a folder of its own for each', () => {
    const names = ['worker', 'worker-2', 'gateway', 'gateway-2', 'router'];
    const folders = names.flatMap((name) => services[name]?.volumes ?? []);
    assert.equal(folders.length, names.length);
    assert.equal(new Set(folders.map((each) => each.split(':')[0])).size, names.length);
    for (const folder of folders) assert.ok(Object.hasOwn(fleet.volumes, folder.split(':')[0]!), folder);
  });

  it('gives both of a kind the same settings', () => {
    for (const [one, other] of [
      ['worker', 'worker-2'],
      ['gateway', 'gateway-2'],
    ] as const) {
      assert.deepEqual(services[other]?.environment, services[one]?.environment);
      assert.equal(services[other]?.image, services[one]?.image);
    }
  });

  it('takes only secrets that are declared, and names the files that they become', () => {
    for (const [name, service] of Object.entries(services)) {
      const { secrets = [] } = service;
      for (const secret of secrets) assert.ok(fleet.secrets[secret], `${name} takes ${secret}`);
      const words = [...(service.command ?? []), ...Object.values(service.environment ?? {})];
      const mentioned = words.flatMap((word) => /^\/run\/secrets\/(.+)$/.exec(word ?? '')?.[1] ?? []);
      assert.deepEqual([...new Set(mentioned)].toSorted(), [...secrets].toSorted(), name);
    }
  });

  it('has the workers go where the router takes orders', () => {
    const command = services.router?.command ?? [];
    const admin = command[command.indexOf('--admin') + 1];
    for (const name of ['worker', 'worker-2', 'gateway', 'gateway-2'])
      assert.equal(services[name]?.environment?.SUPPLANT_ROUTER, `https://${admin}`);
  });

  it('listens at another port with the second gateway', () => {
    const ports = ['gateway', 'gateway-2'].map((name) => services[name]?.command?.at(-1));
    assert.deepEqual(ports, ['127.0.0.1:7700', '127.0.0.1:7702']);
  });
});
