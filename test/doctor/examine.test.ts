import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveDataFolder } from '../../src/data-folder.ts';
import type { Finding, Patient } from '../../src/doctor/check.ts';
import { dataFolder } from '../../src/doctor/checks/data-folder.ts';
import { plugins } from '../../src/doctor/checks/plugins.ts';
import { haproxy } from '../../src/doctor/checks/haproxy.ts';
import { ports } from '../../src/doctor/checks/ports.ts';
import { router } from '../../src/doctor/checks/router.ts';
import { secrets } from '../../src/doctor/checks/secrets.ts';
import { state } from '../../src/doctor/checks/state.ts';
import { judgeVersion } from '../../src/doctor/checks/tools.ts';
import { doctorLines } from '../../src/cli/commands/doctor.ts';
import { examine } from '../../src/doctor/examine.ts';
import type { ServiceSpec } from '../../src/domain/service/service.ts';
import type { Blueprint } from '../../src/stacks/blueprint.ts';
import { TlsHome, generateToken } from '../routing/tls-home.ts';

const NEEDY = { name: 'cloudy', plugins: [{ name: 'cloud', version: '1.2.3' }] } as unknown as Blueprint;

describe('the doctor', () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'supplant-doctor-'))));
  afterEach(async () => rm(root, { recursive: true, force: true }));

  const patient = (more: Partial<Patient> = {}): Patient => ({
    folder: resolveDataFolder(root),
    env: {},
    blueprints: [],
    ...more,
  });
  const spec = (more: Partial<ServiceSpec>): ServiceSpec =>
    ({
      ...{ blueprint: { name: 'cloudy', config: {} }, router: { kind: 'embedded' } },
      ...{ strategy: { kind: 'blue-green', bakeMs: 10_000 }, ...more },
    }) as ServiceSpec;
  const only = async (looking: Promise<Finding[]>): Promise<Finding> => {
    const [found] = await looking;
    assert.ok(found);
    return found;
  };
  const states = (findings: readonly Finding[]): string[] => findings.map(({ state }) => state);

  it('looks into what concerns the deployment only, and survives a look that fails', async () => {
    const looks = [
      { name: 'one', run: async () => [{ state: 'good' as const, text: 'fine' }] },
      { name: 'two', concerns: () => false, run: async () => assert.fail('nobody asked') },
      { name: 'three', run: async () => Promise.reject(new Error('no answer')) },
    ];
    assert.deepEqual(await examine(patient(), looks), [
      { name: 'one', findings: [{ state: 'good', text: 'fine' }] },
      { name: 'three', findings: [{ state: 'bad', text: 'cannot be looked into: no answer' }] },
    ]);
  });

  it('says what to do about each finding, and cuts nothing', () => {
    const findings: Finding[] = [
      { state: 'good', text: 'fine' },
      { state: 'bad', text: 'not there', todo: 'do this and that' },
    ];
    const shown = doctorLines([{ name: 'it', findings }], { width: 20 }).map((parts) =>
      parts.map(({ text }) => text).join(''),
    );
    assert.deepEqual(shown, ['ok    it: fine', 'bad   it: not there', '      do this and', '      that']);
  });

  it('knows the release of a tool that Supplant is tested with, and is not sure of another', () => {
    assert.equal(judgeVersion('3.230.0', '3.230.0', '/bin/pulumi').state, 'good');
    assert.match(judgeVersion('3.240.0', '3.230.0', '/bin/pulumi').text, /release 3\.240\.0; .* tested with 3\.230\.0/);
    assert.equal(judgeVersion(undefined, '3.230.0', '/bin/pulumi').state, 'unsure');
  });

  it('finds a data folder that others may look into, with the command that ends it', async () => {
    assert.equal((await only(dataFolder.run(patient()))).state, 'good');
    await chmod(root, 0o755);
    const found = await only(dataFolder.run(patient()));
    assert.deepEqual([found.state, found.todo], ['unsure', `chmod 700 ${root}`]);
    const missing = patient({ folder: resolveDataFolder(join(root, 'a/b')) });
    assert.match((await only(dataFolder.run(missing))).text, /a\/b can be made$/);
  });

  it('finds out whether HAProxy is there for a service that names it, and its router answers', async () => {
    const named = patient({ env: { PATH: root }, spec: spec({ router: { kind: 'haproxy' } }) });
    const concerned = [patient({ spec: spec({}) }), named].map((each) => haproxy.concerns?.(each));
    assert.deepEqual(concerned, [false, true]);
    await writeFile(join(root, 'haproxy'), "#!/bin/sh\necho 'HA-Proxy version 2.4.22 2023/08/14'\n", { mode: 0o755 });
    const [old, silent] = await haproxy.run(named);
    assert.deepEqual([old?.state, silent?.state], ['bad', 'bad']);
    assert.match(old?.text ?? '', /2\.4\.22; the router needs 2\.6 or later/);
    assert.match(silent?.todo ?? '', /^supplant dev --haproxy/);

    await writeFile(join(root, 'haproxy'), "#!/bin/sh\necho 'HAProxy version 3.0.1 2024/06/10'\n", { mode: 0o755 });
    const server = createServer().listen(named.folder.haproxySocket);
    await once(server, 'listening');
    try {
      const found = await haproxy.run(named);
      assert.deepEqual(states(found), ['good', 'good']);
      assert.match(found[0]?.text ?? '', /^3\.0\.1, at .*; Supplant is tested with 2\.6\.12$/);
    } finally {
      server.close();
    }
    const elsewhere = { SUPPLANT_HAPROXY: 'https://router.example:7702' };
    assert.match((await only(haproxy.run({ ...named, env: elsewhere }))).text, /it runs at https:\/\/router\.example/);
  });

  it('finds a missing plugin, with the command that installs it', async () => {
    assert.equal(plugins.concerns?.(patient()), false);
    const wanting = patient({ blueprints: [NEEDY], spec: spec({}) });
    const found = await only(plugins.run(wanting));
    assert.equal(found.state, 'bad');
    assert.match(found.todo ?? '', /^PULUMI_HOME=\S+\/stacks\/pulumi \S+ plugin install resource cloud v1\.2\.3$/);
    assert.deepEqual(states(await plugins.run(patient({ blueprints: [NEEDY] }))), ['unsure']);
    const folder = join(root, 'stacks/pulumi/plugins/resource-cloud-v1.2.3');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pulumi-resource-cloud'), '', { mode: 0o755 });
    assert.deepEqual(states(await plugins.run(wanting)), ['good']);
  });

  it('finds a port that is taken, which is bad where no other will do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const look = (strictPort: boolean) =>
      ports.run(patient({ spec: spec({ router: { kind: 'embedded', port, strictPort } }) }));
    const found = await only(look(true));
    assert.equal(found.state, 'bad');
    assert.match(found.text, new RegExp(`^${port} cannot be had \\(EADDRINUSE\\)`));
    assert.deepEqual(states(await look(false)), ['unsure']);
    server.close();
    await once(server, 'close');
    assert.deepEqual(states(await look(true)), ['good']);
  });

  it('finds a router of another machine that takes no orders from here, and says what helps', async () => {
    assert.equal(router.concerns?.(patient()), false);
    const tls = await TlsHome.make();
    try {
      await tls.start();
      const env = (token: string) => ({
        SUPPLANT_ROUTER: `https://127.0.0.1:${tls.home.adminPort}`,
        SUPPLANT_ROUTER_CA: tls.authority.file,
        SUPPLANT_ROUTER_TOKEN_FILE: tls.file(token),
      });
      await tls.write('wrong', generateToken());
      const wrong = patient({ env: env('wrong') });
      assert.equal(router.concerns(wrong), true);
      const found = await only(router.run(wrong));
      assert.equal(found.state, 'bad');
      assert.match(found.text, /^the router at \S+ takes no orders from here: the token is not known here/);
      assert.match(found.todo ?? '', /SUPPLANT_ROUTER_TOKEN_FILE/);
      assert.match((await only(router.run(patient({ env: env('none') })))).text, /no such file/);
      assert.deepEqual(states(await router.run(patient({ env: env('token') }))), ['good']);
    } finally {
      await tls.dispose();
    }
  });

  it('finds a state that does not keep machines apart, and says where one would', async () => {
    assert.equal(state.concerns?.(patient()), false);
    const at = (place: string): Patient => patient({ env: { SUPPLANT_STATE: place } });
    const found = await only(state.run(at('s3://bucket/supplant?region=eu-west-1')));
    assert.equal(found.state, 'unsure');
    assert.match(found.text, /^the state at s3:\/\/… has no fence/);
    assert.match(found.todo ?? '', /keep the state in Postgres/);
    for (const place of [root, 'postgres://u@h/d']) assert.deepEqual(states(await state.run(at(place))), ['good']);
  });

  it('finds a secret that cannot be read', async () => {
    const config = { env: { TOKEN: { secret: `file:${root}/token` } } };
    const wanting = patient({ spec: spec({ blueprint: { name: 'cloudy', config } }) });
    assert.deepEqual(states(await secrets.run(wanting)), ['bad']);
    await writeFile(join(root, 'token'), 'value');
    assert.deepEqual(states(await secrets.run(wanting)), ['good']);
  });

  it('finds a secret that cannot be read, which a metric is asked with', async () => {
    const headers = { Authorization: { secret: `file:${root}/metrics` }, Accept: 'text/plain' };
    const metric = { kind: 'http-json' as const, name: 'a', url: 'http://metrics/', value: '$', headers };
    const strategy = { ...spec({}).strategy, metrics: [{ ...metric, atMost: 1, leastSamples: 1 }] };
    const [found, ...others] = await secrets.run(patient({ spec: spec({ strategy }) }));
    assert.deepEqual([found?.state, others], ['bad', []]);
    assert.match(found?.text ?? '', /^Authorization: the secret file:\S+ cannot be read: /);
  });
});
