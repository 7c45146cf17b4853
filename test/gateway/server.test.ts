import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { LocalAuthenticator } from '../../src/gateway/auth/local.ts';
import { generateToken } from '../../src/gateway/auth/tokens.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { ServiceView } from '../../src/domain/rollout/status.ts';
import { ErrorInfoSchema } from '../../src/contract/gen/google/rpc/error_details_pb.ts';
import {
  Health,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
} from '../../src/contract/gen/grpc/health/v1/health_pb.ts';
import { ServerReflection } from '../../src/contract/gen/grpc/reflection/v1/reflection_pb.ts';
import { ServerReflection as ServerReflectionAlpha } from '../../src/contract/gen/grpc/reflection/v1alpha/reflection_pb.ts';
import { RolloutService } from '../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { AuditService } from '../../src/contract/gen/supplant/v1/audit_pb.ts';
import { ServiceService } from '../../src/contract/gen/supplant/v1/services_pb.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { BAKING_VIEW } from '../doubles/sample-views.ts';
import { TestGateway, WEB } from './gateway.ts';

const name = `${WEB}/rollouts/12`;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Answers to `view` once it is let. */
class Slow extends RecordingClient {
  readonly asked = Promise.withResolvers<undefined>();
  readonly let = Promise.withResolvers<undefined>();
  constructor() {
    super({ views: [BAKING_VIEW] });
  }
  override async view(): Promise<ServiceView> {
    this.asked.resolve(undefined);
    await this.let.promise;
    return BAKING_VIEW;
  }
}

/** What a server says to bytes that were made up, until it hangs up. */
async function raw(port: number, text: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

describe('one port', () => {
  it('speaks gRPC, gRPC-Web and Connect, over HTTP/1.1 and HTTP/2', async () => {
    await using gateway = await TestGateway.start();
    const baseUrl = gateway.url;
    const answers = [await gateway.rollouts.getRollout({ name })];
    for (const httpVersion of ['1.1', '2'] as const) {
      for (const transport of [
        createConnectTransport({ baseUrl, httpVersion }),
        createConnectTransport({ baseUrl, httpVersion, useBinaryFormat: false, useHttpGet: true }),
        createGrpcWebTransport({ baseUrl, httpVersion }),
      ]) {
        answers.push(await createClient(RolloutService, transport).getRollout({ name }));
      }
    }
    assert.equal(answers.length, 7);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('speaks to curl', async () => {
    await using gateway = await TestGateway.start();
    const { status, body } = await gateway.json('RolloutService/GetRollout', { name });
    assert.equal(status, 200);
    assert.equal((body.rollout as { name: string }).name, name);
    const misspelt = await gateway.json('RolloutService/CreateRollout', {
      parent: WEB,
      remove: {},
      validateonly: true,
    });
    assert.equal(misspelt.status, 400);
    assert.match(String(misspelt.body.message), /validateonly/);
    assert.deepEqual(
      gateway.backend.calls.map(({ method }) => method),
      ['rollout'],
    );
    const response = await fetch(`${gateway.url}/nothing`);
    assert.equal(response.status, 404);
  });

  it('outlives what is no request', async () => {
    await using gateway = await TestGateway.start();
    const { port } = gateway.server.address;
    const path = '/supplant.v1.RolloutService/GetRollout';
    assert.match(await raw(port, 'nonsense\r\n\r\n'), /^HTTP\/1.1 400/);
    assert.match(await raw(port, `POST ${path} HTTP/1.1\r\nHost: :::\r\nContent-Length: 0\r\n\r\n`), /^HTTP\/1.1 40\d/);
    assert.match(await raw(port, `POST ${path} HTTP/1.0\r\nContent-Length: 0\r\n\r\n`), /^HTTP\/1.1 4\d\d/);
    await raw(port, '');
    await raw(port, 'PR');
    await raw(port, 'PRI * HTTP/1.1\r\n\r\n');
    await raw(port, PREFACE + 'x'.repeat(100));
    await raw(port, Buffer.from([0x16, 0x03, 0x01, 0x00]));
    assert.ok(await gateway.rollouts.getRollout({ name }));
    assert.deepEqual(gateway.errors, []);
  });

  it('takes no message over a mebibyte, packed or not', async () => {
    await using gateway = await TestGateway.start();
    const manifestYaml = 'x'.repeat(2 ** 20);
    const apply = gateway
      .client(ServiceService)
      .applyService({ description: { case: 'manifestYaml', value: manifestYaml } });
    await assert.rejects(apply, { code: Code.ResourceExhausted });
    const { status } = await gateway.json('ServiceService/ApplyService', { manifestYaml });
    assert.equal(status, 429);
  });

  it('gives up when the deadline is over', async () => {
    const backend = new Slow();
    await using gateway = await TestGateway.start(backend);
    const late = gateway.client(ServiceService).getService({ name: WEB }, { timeoutMs: 50 });
    await assert.rejects(late, { code: Code.DeadlineExceeded });
    backend.let.resolve(undefined);
  });

  it('answers nobody on this machine without the token, and no browser that was led here under another name', async () => {
    const token = generateToken();
    await using gateway = await TestGateway.start(
      {},
      { auth: new LocalAuthenticator({ token, file: '/x/api.token' }) },
    );
    const { port } = gateway.server.address;
    const request = (host: string, shown = token) =>
      `POST /supplant.v1.ServiceService/ListServices HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n` +
      `Authorization: Bearer ${shown}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
    assert.match(await raw(port, request(`localhost:${port}`, generateToken())), /^HTTP\/1.1 401/);
    const unshown = await gateway.json('ServiceService/ListServices', {});
    assert.equal(unshown.status, 401);
    assert.match(String(unshown.body.message), /send the token in \/x\/api\.token/);
    assert.match(await raw(port, request('evil.example:7700')), /^HTTP\/1.1 401/);
    assert.match(await raw(port, request(`localhost:${port}`)), /^HTTP\/1.1 200/);
    assert.match(await raw(port, request('[::1]:7700')), /^HTTP\/1.1 200/);
  });

  it('goes by the name that a caller claims, where nobody has to prove it', async () => {
    await using gateway = await TestGateway.start();
    const remove = { case: 'remove' as const, value: {} };
    const headers = { 'supplant-actor': 'ada@laptop' };
    await gateway.rollouts.createRollout({ parent: WEB, action: remove, requestId: 'r' }, { headers });
    assert.deepEqual(gateway.backend.calls[0]?.args[1], { actor: 'ada@laptop', requestId: 'r' });
  });
});

describe('who may do what', () => {
  const auth = {
    authenticate: async ({ authorization }: { authorization: string | undefined }) => {
      if (authorization !== 'Bearer good')
        throw new (await import('../../src/gateway/auth/authenticator.ts')).UnauthenticatedError('no token');
      const refusal = (permission: string) => (permission === 'view' ? undefined : 'only viewers are configured');
      return { name: 'vera', refusal, refusalAnywhere: refusal };
    },
  };
  const headers = { authorization: 'Bearer good' };

  it('is asked before anything else, but not for health and reflection', async () => {
    await using gateway = await TestGateway.start({}, { auth });
    await assert.rejects(gateway.rollouts.getRollout({ name }), { code: Code.Unauthenticated });
    assert.ok(await gateway.rollouts.getRollout({ name }, { headers }));
    assert.equal((await gateway.client(Health).check({})).status, Status.SERVING);
  });

  it('is refused with who, what and why; a dry run answers the same', async () => {
    await using gateway = await TestGateway.start({}, { auth });
    const remove = { case: 'remove' as const, value: {} };
    for (const validateOnly of [false, true]) {
      const asked = gateway.rollouts.createRollout({ parent: WEB, action: remove, validateOnly }, { headers });
      await assert.rejects(asked, (error: ConnectError) => {
        assert.equal(error.code, Code.PermissionDenied);
        assert.equal(error.rawMessage, 'vera may not remove web/production: only viewers are configured');
        return true;
      });
    }
    const exported = gateway.client(AuditService).exportAuditEvents({}, { headers })[Symbol.asyncIterator]();
    await assert.rejects(exported.next(), { code: Code.PermissionDenied });
    assert.deepEqual(gateway.backend.calls, []);
  });
});

describe('a service that is not there', () => {
  const services = ['web', 'shop', 'vault'].map((each) => ({ name: each, environment: 'production' }));
  const error = new ApiError('NOT_FOUND', 'there is no service shop/test', { services });

  /** What a caller is told who may see the services of these names. */
  async function told(...visible: string[]): Promise<string> {
    const refusal = (_permission: string, service?: { name: string; environment: string }) =>
      service?.environment === 'test' || visible.includes(service?.name ?? '') ? undefined : 'not yours';
    const auth = { authenticate: async () => ({ name: 'vera', refusal, refusalAnywhere: () => undefined }) };
    await using gateway = await TestGateway.start({ error }, { auth });
    const asked = gateway.client(ServiceService).getService({ name: 'services/shop/environments/test' });
    const failure = await asked.catch((reason: unknown) => reason);
    assert.ok(failure instanceof ConnectError);
    const [info] = failure.findDetails(ErrorInfoSchema);
    return info?.metadata.suggestion ?? '';
  }

  it('is answered with those that the caller may see, and no other name', async () => {
    assert.equal(await told('web', 'shop'), 'there is web/production, shop/production');
    const none = await told();
    assert.match(none, /^there is none yet that you may see/);
    for (const each of ['web', 'vault']) assert.ok(!none.includes(each));
  });
});

describe('reflection', () => {
  for (const [version, service] of [
    ['v1', ServerReflection],
    ['v1alpha', ServerReflectionAlpha],
  ] as const) {
    it(`tells all there is (${version})`, async () => {
      await using gateway = await TestGateway.start();
      const client = gateway.client(service as typeof ServerReflection);
      const questions = async function* () {
        yield { messageRequest: { case: 'listServices' as const, value: '' } };
        yield {
          messageRequest: { case: 'fileContainingSymbol' as const, value: 'supplant.v1.RolloutService.GetRollout' },
        };
        yield { messageRequest: { case: 'fileByFilename' as const, value: 'supplant/v1/common.proto' } };
        yield { messageRequest: { case: 'fileContainingSymbol' as const, value: 'supplant.v1.Nothing' } };
        yield { messageRequest: { case: 'fileContainingSymbol' as const, value: 'google.rpc.BadRequest' } };
      };
      const answers = [];
      for await (const { messageResponse } of client.serverReflectionInfo(questions())) answers.push(messageResponse);
      const [services, files, file, missing, ofErrors] = answers;
      assert.ok(services?.case === 'listServicesResponse');
      const names = services.value.service.map((each) => each.name);
      assert.deepEqual(names.slice(0, 8), [
        'supplant.v1.RolloutService',
        'supplant.v1.ServiceService',
        'supplant.v1.ExperimentService',
        'supplant.v1.DriftService',
        'supplant.v1.PreviewService',
        'supplant.v1.ReaperService',
        'supplant.v1.HostService',
        'supplant.v1.AuditService',
      ]);
      assert.ok(files?.case === 'fileDescriptorResponse');
      const described = files.value.fileDescriptorProto.map((bytes): FileDescriptorProto =>
        fromBinary(FileDescriptorProtoSchema, bytes),
      );
      assert.ok(described[0]?.service.some((each) => each.name === 'RolloutService'));
      // Every file that another one needs is among them.
      const known = new Set(described.map((each) => each.name));
      for (const { dependency } of described) for (const needed of dependency) assert.ok(known.has(needed), needed);
      assert.equal(file?.case, 'fileDescriptorResponse');
      assert.equal(ofErrors?.case, 'fileDescriptorResponse');
      assert.ok(missing?.case === 'errorResponse' && missing.value.errorCode === 5);
    });
  }
});

describe('health', () => {
  it('is SERVING while requests can be carried out', async () => {
    await using gateway = await TestGateway.start();
    const health = gateway.client(Health);
    assert.equal((await health.check({})).status, Status.SERVING);
    assert.equal((await health.check({ service: 'supplant.v1.RolloutService' })).status, Status.SERVING);
    await assert.rejects(health.check({ service: 'nothing' }), { code: Code.NotFound });
  });

  it('is NOT_SERVING while the system behind does not answer, and tells a watcher of the change', async () => {
    let up = true;
    const backend = Object.assign(new RecordingClient(), {
      ready: async () => {
        if (!up) throw new ApiError('UNAVAILABLE', 'Temporal cannot be reached');
      },
    });
    await using gateway = await TestGateway.start(backend);
    const watching = gateway.client(Health).watch({})[Symbol.asyncIterator]();
    const told = async () => ((await watching.next()).value as HealthCheckResponse).status;
    assert.equal(await told(), Status.SERVING);
    up = false;
    assert.equal(await told(), Status.NOT_SERVING);
    assert.equal((await gateway.client(Health).check({})).status, Status.NOT_SERVING);
  });
});

describe('a drain', () => {
  for (const kind of ['gRPC', 'JSON over HTTP/1.1'] as const) {
    it(`lets a request over ${kind} be answered, and takes no new one`, async () => {
      const backend = new Slow();
      await using gateway = await TestGateway.start(backend);
      const answered =
        kind === 'gRPC'
          ? gateway.client(ServiceService).getService({ name: WEB })
          : gateway.json('ServiceService/GetService', { name: WEB });
      await backend.asked.promise;
      const closed = gateway.server.close();
      await assert.rejects(fetch(gateway.url));
      backend.let.resolve(undefined);
      assert.match(
        JSON.stringify(await answered, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
        /web/,
      );
      await closed;
    });
  }

  it('ends watches as UNAVAILABLE at once', async () => {
    await using gateway = await TestGateway.start();
    const watching = gateway.rollouts.watchRollout({ name })[Symbol.asyncIterator]();
    await watching.next();
    const next = assert.rejects(
      (async () => {
        while (!(await watching.next()).done);
      })(),
      { code: Code.Unavailable },
    );
    await gateway.server.close();
    await next;
  });

  it('cuts off what takes longer than its grace', async () => {
    const backend = new Slow();
    await using gateway = await TestGateway.start(backend);
    const asked = gateway.client(ServiceService).getService({ name: WEB });
    const cut = assert.rejects(asked, { code: Code.Unavailable });
    await backend.asked.promise;
    await gateway.server.close(0);
    await cut;
    backend.let.resolve(undefined);
  });
});

describe('a watcher that is gone without a word', () => {
  it('is noticed and dropped', async () => {
    await using gateway = await TestGateway.start({}, { keepalive: { everyMs: 30, patienceMs: 60 } });
    const socket = connect(gateway.server.address.port, '127.0.0.1').resume();
    // The preface and empty SETTINGS, and then it answers no ping: as a machine that lost its network.
    socket.write(Buffer.concat([Buffer.from(PREFACE), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]));
    const dropped = once(socket, 'close');
    // One that answers is kept.
    const { rollouts } = gateway;
    const watching = rollouts.watchRollout({ name })[Symbol.asyncIterator]();
    await watching.next();
    await dropped;
    const kept = watching.next();
    assert.equal(await Promise.race([kept, Promise.resolve('open')]), 'open');
    await gateway.server.close(0);
    await assert.rejects(kept, { code: Code.Unavailable });
  });
});
