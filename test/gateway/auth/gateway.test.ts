import assert from 'node:assert/strict';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { buildClientCertificateOptions } from '../../../src/gateway/auth/connection.ts';
import type { AccessConfig } from '../../../src/gateway/auth/config.ts';
import { createAuthenticator } from '../../../src/gateway/auth/create-authenticator.ts';
import { createToken } from '../../../src/gateway/auth/create-token.ts';
import { type RunningServer, startServer } from '../../../src/gateway/server.ts';
import { ServiceService } from '../../../src/contract/gen/supplant/v1/services_pb.ts';
import { AuditService } from '../../../src/contract/gen/supplant/v1/audit_pb.ts';
import { ExperimentService } from '../../../src/contract/gen/supplant/v1/experiments_pb.ts';
import { DriftService } from '../../../src/contract/gen/supplant/v1/drift_pb.ts';
import { PreviewService } from '../../../src/contract/gen/supplant/v1/previews_pb.ts';
import { HostService } from '../../../src/contract/gen/supplant/v1/hosts_pb.ts';
import { ReaperService } from '../../../src/contract/gen/supplant/v1/reaper_pb.ts';
import { RolloutService } from '../../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { RecordingClient } from '../../doubles/recording-client.ts';
import { UP_PREVIEW } from '../../doubles/sample-previews.ts';
import { BAKING, BAKING_VIEW, HISTORY } from '../../doubles/sample-views.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectClient } from '../../../src/client/client.ts';
import { Authority } from './authority.ts';
import { Issuer, signingKey } from './issuer.ts';

const name = 'services/web/environments/production';
const log = { info: () => undefined, error: () => undefined };

describe('a gateway that asks who calls', () => {
  const tokens = {
    viewer: createToken({ name: 'viewer', role: 'viewer' }),
    deployer: createToken({ name: 'deployer', role: 'deployer' }),
    shop: createToken({ name: 'shop', role: 'admin' }),
  };
  const issuer = new Issuer();
  let authority: Authority;
  let backend: RecordingClient;
  let server: RunningServer;
  let ca: string;
  let key: Awaited<ReturnType<typeof signingKey>>;

  before(async () => {
    key = await signingKey('one');
    await issuer.start();
    authority = await Authority.make();
    ca = await readFile(authority.file, 'utf8');
    const config: AccessConfig = {
      tokens: Object.entries(tokens).map(([token, { hash }]) => ({ name: token, hash })),
      jwt: {
        issuer: issuer.url,
        audience: ['supplant'],
        algorithms: ['ES256'],
        subjectClaim: 'sub',
        clockToleranceMs: 0,
      },
      certificates: { ca, subject: 'common-name' },
      bindings: [
        { subjects: ['token:viewer', 'jwt:ann'], role: 'viewer', services: ['*/*'] },
        { subjects: ['token:deployer', 'certificate:ci'], role: 'deployer', services: ['web/*', 'nightly/*'] },
        { subjects: ['token:shop'], role: 'admin', services: ['shop/*'] },
      ],
      separateApprover: [],
    };
    backend = new RecordingClient({
      ...{ views: [BAKING_VIEW], rollouts: [BAKING], history: HISTORY },
      previews: [UP_PREVIEW],
    });
    server = await startServer({
      backend,
      listen: { host: '127.0.0.1', port: 0 },
      log,
      auth: createAuthenticator(config, { host: '127.0.0.1', tls: true }),
      tls: {
        ...(await authority.sign('/CN=gateway', ['subjectAltName=IP:127.0.0.1'])),
        ...buildClientCertificateOptions(config),
      },
    });
  });
  beforeEach(() => {
    backend.calls.length = 0;
    issuer.trouble = undefined;
  });
  after(async () => {
    await server.close(0);
    await Promise.all([authority.remove(), issuer.stop()]);
  });

  /** A client of the rollouts over gRPC and TLS; `pair` is its own certificate. */
  const rollouts = (token?: string, pair: object = {}) => createClient(RolloutService, over(token, pair));
  const audit = (token: string) => createClient(AuditService, over(token));

  function over(token?: string, pair: object = {}) {
    return createGrpcTransport({
      baseUrl: `https://127.0.0.1:${server.address.port}`,
      nodeOptions: { ca, ...pair },
      interceptors: [
        (next) => (request) => {
          if (token !== undefined) request.header.set('authorization', `Bearer ${token}`);
          request.header.set('supplant-actor', 'root');
          return next(request);
        },
      ],
    });
  }

  const rollout = `${name}/rollouts/${BAKING.number}`;
  const pause = { name: rollout, reason: 'wait' };

  it('answers nobody without credentials, and does nothing', async () => {
    await assert.rejects(
      rollouts().pauseRollout(pause),
      /\[unauthenticated\] send a token, as 'Authorization: Bearer TOKEN' or a/,
    );
    await assert.rejects(rollouts('supplant_wrong').pauseRollout(pause), /\[unauthenticated\] the token is /);
    assert.deepEqual(backend.calls, []);
  });

  it('answers a viewer, and refuses what takes more', async () => {
    const client = rollouts(tokens.viewer.token);
    assert.equal((await client.getRollout({ name: rollout })).rollout?.name, rollout);
    await assert.rejects(
      client.pauseRollout(pause),
      /\[permission_denied\] token:viewer may not pause web\/production: pause on .* needs the role deployer or admin there; you have viewer/,
    );
    assert.ok(!backend.calls.some(({ method }) => method === 'act'));
  });

  it('lets nobody copy a service that they may not deploy, nor ask the reaper or about drift without a role', async () => {
    const experiments = createClient(ExperimentService, over(tokens.deployer.token));
    const apply = (service: string) => {
      const value = `services/${service}/environments/production`;
      const variants = [{ name: 'blue', source: { case: 'like' as const, value: { name: value } } }];
      const spec = { experiment: 'nightly', environment: 'production', variants, ttl: durationFromMs(60_000) };
      return experiments.applyExperiment({ description: { case: 'spec', value: spec } });
    };
    await assert.rejects(apply('shop'), /\[permission_denied\] token:deployer may not deploy shop\/production: /);
    const drill = { service: 'services/shop/environments/production' };
    const drilled = { experiment: 'nightly', environment: 'production', drill, ttl: durationFromMs(60_000) };
    await assert.rejects(
      experiments.applyExperiment({ description: { case: 'spec', value: drilled } }),
      /\[permission_denied\] token:deployer may not deploy shop\/production: /,
    );
    assert.deepEqual(backend.calls, []);
    await apply('web');
    assert.deepEqual(
      backend.calls.map(({ method }) => method),
      ['applyExperiment'],
    );
    const reaper = createClient(ReaperService, over(tokens.shop.token));
    await assert.rejects(reaper.runReaper({}), /\[permission_denied\] token:shop may not reap all services: /);
    const hosts = createClient(HostService, over(tokens.shop.token));
    const gone = { name: 'hosts/a-11111111', reason: 'it burned down' };
    await assert.rejects(hosts.listHosts({}), /\[permission_denied\] token:shop may not view all services: /);
    await assert.rejects(hosts.forgetHost(gone), /\[permission_denied\] token:shop may not forgetHost all services: /);
    const drift = createClient(DriftService, over(tokens.shop.token));
    await assert.rejects(drift.checkDrift({}), /\[permission_denied\] token:shop may not drift all services: /);
    const name = 'services/web/environments/production/revisions/3';
    const viewer = createClient(DriftService, over(tokens.viewer.token));
    await assert.rejects(
      viewer.acknowledgeDrift({ name, reason: 'known' }),
      /\[permission_denied\] token:viewer may not drift web\/production: /,
    );
    await viewer.listDrift({ parent: 'services/web/environments/production' }).catch(() => undefined);
    assert.deepEqual(
      backend.calls.map(({ method }) => method),
      ['applyExperiment', 'listDrift'],
    );
  });

  it('has previews be their services’, whatever their experiments are called', async () => {
    const previews = (token: string) => createClient(PreviewService, over(token));
    const of = (service: string) => ({ service: `services/${service}/environments/production`, branch: 'login' });
    const open = (token: string, service: string) =>
      previews(token).openPreview({ ...of(service), artifact: 'npm:a@1.0.0' });
    await assert.rejects(open(tokens.deployer.token, 'shop'), /token:deployer may not experiment shop\/production: /);
    await assert.rejects(open(tokens.viewer.token, 'web'), /\[permission_denied\] token:viewer may not experiment: /);
    await assert.rejects(previews(tokens.viewer.token).closePreview(of('web')), /may not experiment web\/production: /);
    await assert.rejects(
      previews(tokens.shop.token).getPreview(of('web')),
      /token:shop may not view web\/production: /,
    );
    await assert.rejects(previews(tokens.shop.token).listPreviews({ service: of('web').service }), /may not view/);
    assert.deepEqual(backend.calls, []);
    await open(tokens.deployer.token, 'web');
    await previews(tokens.deployer.token).closePreview(of('web'));
    // Of all it names those that the caller may see.
    const { previews: seen } = await previews(tokens.viewer.token).listPreviews({});
    assert.deepEqual(
      seen.map(({ branch }) => branch),
      ['feature/Login_2'],
    );
    assert.deepEqual((await previews(tokens.shop.token).listPreviews({})).previews, []);
    assert.deepEqual(
      backend.calls.map(({ method }) => method),
      ['openPreview', 'closePreview', 'listPreviews', 'listPreviews'],
    );
  });

  it('looks at nothing that somebody sent who may apply to no service', async () => {
    const services = (token: string) => createClient(ServiceService, over(token));
    const description = { case: 'manifestYaml' as const, value: '{100,101' };
    await assert.rejects(
      services(tokens.viewer.token).applyService({ description }),
      /\[permission_denied\] token:viewer may not apply: apply needs the role deployer or admin; you have viewer/,
    );
    await assert.rejects(services(tokens.deployer.token).applyService({ description }), /\[invalid_argument\]/);
    assert.deepEqual(backend.calls, []);
  });

  it('refuses an admin of another service', async () => {
    await assert.rejects(
      rollouts(tokens.shop.token).getRollout({ name: rollout }),
      /\[permission_denied\] token:shop may not view/,
    );
  });

  it('does what a deployer asks, known by token or certificate, under its proven name', async () => {
    await rollouts(tokens.deployer.token).pauseRollout(pause);
    await rollouts(undefined, await authority.sign('/CN=ci')).pauseRollout(pause);
    const acts = backend.calls.filter(({ method }) => method === 'act').map(({ args }) => JSON.stringify(args));
    assert.equal(acts.length, 2);
    assert.match(acts[0] ?? '', /"actor":"token:deployer"/);
    assert.match(acts[1] ?? '', /"actor":"certificate:ci"/);
  });

  it('takes a JWT, refuses an expired one, and is unavailable for them while the issuer is', async () => {
    const good = await issuer.sign(key);
    issuer.trouble = 'status';
    await assert.rejects(
      rollouts(good).getRollout({ name: rollout }),
      /\[unavailable\] the token cannot be checked now/,
    );
    issuer.trouble = undefined;
    issuer.publish(key);
    assert.equal((await rollouts(good).getRollout({ name: rollout })).rollout?.name, rollout);
    const old = await issuer.sign(key, { exp: 1_700_000_000 });
    await assert.rejects(
      rollouts(old).getRollout({ name: rollout }),
      /\[unauthenticated\] the token has expired \(at 2023-11-14/,
    );
  });

  it('ends a watch of the record when the JWT that let it in is over, a watch of a rollout with the rollout', async () => {
    issuer.publish(key);
    const token = await issuer.sign(key, { exp: Math.floor(Date.now() / 1000) + 3 });
    const watched = rollouts(token).watchRollout({ name: rollout })[Symbol.asyncIterator]();
    await watched.next();
    const told: unknown[] = [];
    await assert.rejects(async () => {
      for await (const update of audit(token).watchAuditEvents({ service: name })) told.push(update);
    }, /\[unauthenticated\] the token has expired/);
    assert.ok(told.length > 0);
    assert.equal((await watched.next()).done, false);
    await watched.return?.();
  });

  it('lets a client in by what its token file says at the time', async () => {
    const file = join(authority.folder, 'renewed.token');
    const env = { SUPPLANT_TLS_CA: authority.file, SUPPLANT_SERVER: `https://127.0.0.1:${server.address.port}` };
    const connect = () => connectClient({ dataDir: authority.folder, env: { ...env, SUPPLANT_TOKEN_FILE: file } });
    await assert.rejects(connect(), { reason: 'INVALID', message: /renewed\.token cannot be read \(ENOENT\)/ });
    await writeFile(file, `${tokens.shop.token}\n`);
    const client = await connect();
    const web = { name: 'web', environment: 'production' };
    await assert.rejects(client.rollout(web), { message: /^token:shop may not view/ });
    await writeFile(file, tokens.viewer.token);
    assert.equal((await client.rollout(web)).number, BAKING.number);
    await client.close();
    await assert.rejects(
      connectClient({ dataDir: '.', env: { ...env, SUPPLANT_TOKEN: 't', SUPPLANT_TOKEN_FILE: file } }),
      { reason: 'INVALID', message: /both SUPPLANT_TOKEN and SUPPLANT_TOKEN_FILE/ },
    );
  });
});
