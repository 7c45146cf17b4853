import type { DescService } from '@bufbuild/protobuf';
import { type Client, type Transport, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { type RunningServer, type ServerOptions, startServer } from '../../src/gateway/server.ts';
import { RolloutService } from '../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { type Answers, RecordingClient } from '../doubles/recording-client.ts';
import { OpenAuthenticator } from '../doubles/open-authenticator.ts';
import { BAKING, BAKING_VIEW, HISTORY } from '../doubles/sample-views.ts';

export const WEB = 'services/web/environments/production';

/** A real gateway on a free port before a double of the system; ends with the test. */
export class TestGateway implements AsyncDisposable {
  readonly backend: RecordingClient;
  readonly server: RunningServer;
  /** What it logged as errors. */
  readonly errors: unknown[];
  #transport: Transport | undefined;

  private constructor(backend: RecordingClient, server: RunningServer, errors: unknown[]) {
    this.backend = backend;
    this.server = server;
    this.errors = errors;
  }

  static async start(
    answers: Answers | RecordingClient = {},
    options: Partial<ServerOptions> = {},
  ): Promise<TestGateway> {
    const system: Answers = { views: [BAKING_VIEW], rollouts: [BAKING], history: HISTORY };
    const backend = answers instanceof RecordingClient ? answers : new RecordingClient({ ...system, ...answers });
    const errors: unknown[] = [];
    const log = { info: () => undefined, error: (_message: string, error: unknown) => errors.push(error) };
    const auth = new OpenAuthenticator();
    const listen = { host: '127.0.0.1', port: 0 };
    return new TestGateway(backend, await startServer({ backend, listen, log, auth, ...options }), errors);
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.address.port}`;
  }

  /** Over gRPC. */
  client<Service extends DescService>(service: Service): Client<Service> {
    this.#transport ??= createGrpcTransport({ baseUrl: this.url });
    return createClient(service, this.#transport);
  }

  get rollouts(): Client<typeof RolloutService> {
    return this.client(RolloutService);
  }

  /** As curl does it. */
  async json(method: string, request: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}/supplant.v1.${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof request === 'string' ? request : JSON.stringify(request),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close(0);
  }
}
