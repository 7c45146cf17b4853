import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { ApiError, type SupplantClient } from '../src/contract/supplant-client.ts';
import { type Receipt, workflowIds } from '../src/domain/service/requests.ts';
import type { ServiceSpec } from '../src/domain/service/service.ts';
import type { CheckSpec } from '../src/domain/evidence/checks.ts';
import { change } from './platform.ts';
import { KEEP_NONE, KEEP_ONE } from './sample.ts';

/** Each step lasts about this long, so that a moment taken at random falls into any of them. */
const STEP_MS = 1_500;
const PAUSE_MS = 100;

const SERVER = `
const server = require('node:http').createServer((_request, response) => response.end('ok'));
setTimeout(() => server.listen(process.env.PORT, process.env.HOST), ${STEP_MS});
process.on('SIGTERM', () => setTimeout(() => process.exit(0), ${STEP_MS}));
`;

const timing = { successes: 1, intervalMs: 20, timeoutMs: 5_000, deadlineMs: 30_000 };
const answers: CheckSpec = { kind: 'http', name: 'answers', path: '/', status: [200], responseHeaders: {}, ...timing };
const slowly: CheckSpec = {
  kind: 'command',
  name: 'slowly',
  command: [process.execPath, '-e', `setTimeout(() => {}, ${STEP_MS})`],
  ...timing,
};

/** One service that is rolled out again and again. */
export class Lane {
  readonly #spec: ServiceSpec;
  readonly #client: SupplantClient;
  readonly #temporal: Client;
  readonly #byRollback: boolean;
  #rounds = 0;

  private constructor(
    { client, temporal }: { client: SupplantClient; temporal: Client },
    spec: ServiceSpec,
    byRollback: boolean,
  ) {
    this.#client = client;
    this.#temporal = temporal;
    this.#spec = spec;
    this.#byRollback = byRollback;
  }

  /** New revisions: every step is one that lasts. */
  static deploying(clients: { client: SupplantClient; temporal: Client }, name: string): Lane {
    const strategy = { kind: 'blue-green', bakeMs: STEP_MS } as const;
    return new Lane(clients, { ...specOf(name), strategy, checks: [slowly], retention: KEEP_NONE }, false);
  }

  /** To and fro between two revisions that run: steps in place only, one of them slow where `check` is. */
  static rollingBack(clients: { client: SupplantClient; temporal: Client }, name: string, slow: boolean): Lane {
    return new Lane(clients, { ...specOf(name), checks: [slow ? slowly : answers], retention: KEEP_ONE }, true);
  }

  /** The next rollout from its request to its end. Returns its history. @throws Error when it did not succeed */
  async next() {
    this.#rounds += 1;
    const asked = change();
    const { service } = this.#spec;
    const goBack = this.#byRollback && this.#rounds > 2;
    const env = { ROUND: `${this.#rounds}` };
    const blueprint = { ...this.#spec.blueprint, config: { ...this.#spec.blueprint.config, env } };
    const { rollout } = await insist<Receipt>(() =>
      goBack
        ? // By number: one that names none leads further back each time.
          this.#client.rollback(service, this.#rounds % 2 === 1 ? 1 : 2, asked)
        : this.#client.apply({ ...this.#spec, blueprint }, asked),
    );
    const { outcome, because } = await insist(() => this.#client.waitForRollout(service, rollout));
    if (outcome !== 'succeeded') throw new Error(`rollout ${rollout} of ${service.name} has ${outcome}: ${because}`);
    return this.#temporal.workflow.getHandle(workflowIds.rollout(service, rollout)).fetchHistory();
  }
}

function specOf(name: string): Omit<ServiceSpec, 'checks' | 'retention'> {
  return {
    service: { name, environment: 'bench' },
    artifact: 'command',
    blueprint: { name: 'local-process', config: { command: [process.execPath, '-e', SERVER] } },
    router: { kind: 'embedded' },
    strategy: { kind: 'blue-green', bakeMs: 0 },
  };
}

/** With every worker dead for a while nobody may answer; the same request is made again. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'UNAVAILABLE') throw error;
      await sleep(PAUSE_MS);
    }
  }
}
