import assert from 'node:assert/strict';
import { Code } from '@connectrpc/connect';
import fc from 'fast-check';
import type { RunChoice } from '../../../src/contract/experiment-client.ts';
import type { PreviewRequest } from '../../../src/domain/preview/preview.ts';
import type { RequestMeta } from '../../../src/domain/service/requests.ts';
import type { ServiceKey, ServiceSpec } from '../../../src/domain/service/service.ts';
import { REPORT, RESULTS, RUNNING_EXPERIMENT, RUN_LOOKS } from '../../doubles/sample-experiments.ts';
import { UP_PREVIEW } from '../../doubles/sample-previews.ts';
import { BAKING_VIEW, HISTORY, SUCCEEDED } from '../../doubles/sample-views.ts';
import { readSeed } from '../../../tools/check/seed.ts';
import { TestGateway, WEB } from '../gateway.ts';
import { type Attack, attacks } from './attacks.ts';
import { type Answer, Gun } from './wire.ts';

/** Requests in all; each lane sends its part, one after the other, to a gateway of its own. */
const REQUESTS = 20_400;
const LANES = 4;
const RAW = 100;

/** To see again what was seen: `SUPPLANT_TEST_SEED=… npm test -- test/gateway/fuzz`. */
const SEED = readSeed();

/** What may never be answered: what it stands for is a fault of the gateway. */
const FORBIDDEN: readonly (number | undefined)[] = [Code.Internal, Code.Unknown, Code.DataLoss];

const MUTATIONS = new Set([
  ...['apply', 'deploy', 'rollback', 'remove', 'act'],
  ...['pin', 'unpin', 'markBad', 'removeQueued'],
  ...['applyExperiment', 'deleteExperiment', 'runExperiment', 'pauseExperiment', 'resumeExperiment'],
  ...['backfill', 'extend', 'stop', 'openPreview', 'closePreview', 'runReaper', 'checkDrift', 'acknowledgeDrift'],
  'forgetHost',
]);

type Calls = TestGateway['backend']['calls'];

/** The limits of common.proto, written down a second time: what got through has to keep to them. */
function assertLegitimate({ method, args }: Calls[number]): void {
  for (const { name, environment } of subjectsOf(args[0])) {
    for (const each of [name, environment]) assert.match(each, /^[a-z][a-z0-9-]{0,39}$/);
  }
  const { requestId, reason, actor } = args.at(-1) as Partial<RequestMeta>;
  if (requestId !== undefined || method !== 'act') assert.match(requestId ?? '', /^[A-Za-z0-9._:-]{1,100}$/);
  // eslint-disable-next-line no-control-regex
  if (reason !== undefined) assert.match(reason, /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]{1,4000}$/);
  assert.ok(actor);
  const number = ['rollback', 'pin', 'unpin', 'markBad', 'removeQueued', 'acknowledgeDrift'].includes(method)
    ? args[1]
    : undefined;
  if (number !== undefined) assert.ok(Number.isInteger(number) && Number(number) > 0, JSON.stringify(number));
  if (method === 'deploy') assert.match(String(args[1]), /^\S.{0,4095}$/s);
  if (method === 'acknowledgeDrift' || method === 'forgetHost') assert.ok(reason);
  if (method === 'forgetHost') assert.match(String(args[0]), /^[a-z0-9][a-z0-9-]{0,48}$/);
  if (method === 'extend') assert.ok(Number(args[1]) > 0);
  if (method === 'openPreview' || method === 'closePreview') assertPreview(args[0] as Partial<PreviewRequest>);
}

/** The services and experiments that a call is about; none where it is about all stacks. */
function subjectsOf(subject: unknown): ServiceKey[] {
  const { service, experiment, ...own } = (subject ?? {}) as Partial<ServiceSpec & RunChoice & ServiceKey>;
  return [service, experiment, own.name === undefined ? undefined : (own as ServiceKey)].filter(
    (key) => key !== undefined,
  );
}

function assertPreview({ artifact, branch = '', port, ttlMs }: Partial<PreviewRequest>): void {
  // eslint-disable-next-line no-control-regex
  assert.match(branch, /^(?=\S)[^\u0000-\u001f\u007f]{0,249}\S$/u);
  if (artifact !== undefined) assert.match(artifact, /^\S.{0,4095}$/s);
  if (port !== undefined) assert.ok(Number.isInteger(port) && port >= 1 && port <= 65_535, `${port}`);
  if (ttlMs !== undefined) assert.ok(ttlMs >= 1_000, `${ttlMs}`);
}

class Lane {
  readonly tally = new Map<string, number>();
  mutations = 0;
  readonly #gateway: TestGateway;
  readonly #gun: Gun;

  constructor(gateway: TestGateway, gun: Gun) {
    this.#gateway = gateway;
    this.#gun = gun;
  }

  async check(attack: Attack): Promise<void> {
    const { backend, errors } = this.#gateway;
    backend.calls.length = 0;
    const answer = await this.#answer(attack);
    const mutations = backend.calls.filter(({ method }) => MUTATIONS.has(method));
    this.mutations += mutations.length;
    const what = `${attack.kind}: ${JSON.stringify(answer)}`;
    assert.deepEqual(errors, [], what);
    if (answer) this.#judge(attack, answer, what);
    const isAccepted = answer?.code === 0 || answer?.code === Code.NotFound;
    assert.ok(mutations.length <= (isAccepted && !attack.unreadable ? 1 : 0), what);
    const isDry = mutations.every(({ args }) => (args.at(-1) as { dryRun?: boolean }).dryRun ?? false);
    assert.ok(!attack.validateOnly || isDry, what);
    mutations.forEach(assertLegitimate);
  }

  async #answer(attack: Attack): Promise<Answer | undefined> {
    try {
      return await this.#gun.fire(attack.shot);
    } catch (error) {
      if (attack.mayHangUp && !String(error).includes('within')) return undefined;
      throw error;
    }
  }

  #judge({ unreadable, kind }: Attack, { code, status }: Answer, what: string): void {
    assert.ok(!FORBIDDEN.includes(code), what);
    if (code === undefined) assert.ok(status >= 400 && status < 500, what);
    if (unreadable) assert.notEqual(code, 0, what);
    const outcome = `${kind}: ${code === 0 ? 'OK' : code === undefined ? `HTTP ${status}` : Code[code]}`;
    this.tally.set(outcome, (this.tally.get(outcome) ?? 0) + 1);
  }
}

async function fuzz(index: number): Promise<Lane> {
  const views = [BAKING_VIEW];
  const experiments = { experiments: [RUNNING_EXPERIMENT], runs: RUN_LOOKS, results: RESULTS, report: REPORT };
  const answers = { views, rollouts: [SUCCEEDED], history: HISTORY, ...experiments, previews: [UP_PREVIEW] };
  await using gateway = await TestGateway.start(answers);
  using gun = new Gun(gateway.server.address.port);
  const lane = new Lane(gateway, gun);
  const numRuns = REQUESTS / LANES;
  await fc.assert(
    fc.asyncProperty(attacks, (attack) => lane.check(attack)),
    { seed: SEED + index, numRuns, endOnFailure: process.env.FUZZ_SHRINK === undefined },
  );
  const { status } = await gateway.json('RolloutService/GetRollout', { name: `${WEB}/rollouts/12` });
  assert.equal(status, 200);
  return lane;
}

describe('any request whatsoever', () => {
  it(`is answered, and changes nothing unless it is valid (SUPPLANT_TEST_SEED=${SEED})`, async () => {
    const lanes = await Promise.all(Array.from({ length: LANES }, (_, index) => fuzz(index)));
    const count = (pattern: RegExp): number =>
      lanes
        .flatMap(({ tally }) => [...tally])
        .reduce((sum, [outcome, times]) => sum + (pattern.test(outcome) ? times : 0), 0);
    if (process.env.FUZZ_TALLY) console.log(lanes.map(({ tally }) => tally));
    // Requests that all fail at the door would say nothing about what lies behind it.
    assert.ok(lanes.reduce((sum, { mutations }) => sum + mutations, 0) > REQUESTS / 100);
    assert.ok(count(/well-formed: OK/) > REQUESTS / 20);
    assert.ok(count(/well-formed: InvalidArgument/) > REQUESTS / 20);
  });

  it(`is hung up on where it is no HTTP (SUPPLANT_TEST_SEED=${SEED})`, async () => {
    await using gateway = await TestGateway.start();
    using gun = new Gun(gateway.server.address.port);
    const start = fc.constantFrom(
      '',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'POST / HTTP/1.1\r\n',
      'GET ',
      '\x16\x03\x01',
    );
    const bytes = fc
      .tuple(start, fc.uint8Array({ maxLength: 300 }))
      .map(([text, rest]) => Buffer.concat([Buffer.from(text, 'latin1'), rest]));
    await fc.assert(
      fc.asyncProperty(bytes, (each) => gun.raw(each)),
      { seed: SEED, numRuns: RAW, endOnFailure: true },
    );
    assert.equal((await gateway.json('RolloutService/GetRollout', { name: `${WEB}/rollouts/12` })).status, 200);
    assert.deepEqual(gateway.errors, []);
    assert.ok(gateway.backend.calls.every(({ method }) => !MUTATIONS.has(method)));
  });
});
