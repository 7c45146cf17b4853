import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { createAnswer, rememberAnswer } from '../../../src/domain/service/answers.ts';
import { computeFingerprint } from '../../../src/domain/fingerprint.ts';
import { type RevisionRef, formatArtifactLabel, formatStackName } from '../../../src/domain/service/revision.ts';
import { applyDecision } from '../../../src/domain/service/decisions/apply-decision.ts';
import { decideRequest } from '../../../src/domain/service/decisions/decide-request.ts';
import { decideServiceCommand } from '../../../src/domain/service/service-commands.ts';
import {
  FORMERLY_LIMIT,
  LIMITS,
  type ServiceState,
  STATE_LIMIT,
  createServiceState,
  applyTeardownReport,
} from '../../../src/domain/service/state.ts';
import { type ServiceKey, pickSettings } from '../../../src/domain/service/service.ts';
import type { ActiveRevision } from '../../../src/domain/service/revision-set.ts';
import { MOST_PENDING } from '../../../src/domain/migrations/contract.ts';
import { HOLD_REASON_LIMIT, MOST_HOLDS } from '../../../src/domain/rollback/hold.ts';
import type { MetricSpec } from '../../../src/domain/evidence/metric-spec.ts';
import { spec } from '../../workflow/samples.ts';

const KEY: ServiceKey = { name: 'a'.repeat(40), environment: 'b'.repeat(40) };
const NOW = '2026-01-01T00:00:00.000Z';
/** The most that retention keeps, by the manifest. */
const MOST_WARM = 10;

interface Asker {
  actor: string;
  artifact: string;
  error: string;
  /** Of a metric. */
  query?: string;
}

/** Who uses a script of which JSON needs one, two or three bytes a character, or an escape. */
const asker = (character: string): Asker => {
  const text = (most: number): string => character.repeat(most).slice(0, most).toWellFormed();
  const { length: bytes } = Buffer.from(character);
  return { actor: character.repeat(Math.floor(LIMITS.actor / bytes)), artifact: text(4_096), error: text(10_000) };
};

const someAsker = fc.constantFrom('a', '"', 'é', '漢', '🚀');

const reference = (number: number, artifact: string): RevisionRef => ({
  number,
  release: 'f'.repeat(64),
  label: formatArtifactLabel(artifact),
});

/** As many endpoints as there is room for. */
function endpoints(): ActiveRevision['endpoints'] {
  const all: ActiveRevision['endpoints'] = [];
  const one = { host: '2001:0db8:85a3:0000:0000:8a2e:0370:7334', port: 65_535 };
  while (JSON.stringify([...all, one]).length <= LIMITS.endpoints) all.push(one);
  return all;
}

function ask(state: ServiceState, from: Asker, index: number, kind: 'deploy' | 'remove'): ServiceState {
  const metrics = from.query === undefined ? {} : { metrics: [queryOf(from.query)] };
  const described = spec(KEY, { artifact: from.artifact });
  const description = { ...described, strategy: { ...described.strategy, ...metrics } };
  const change = { actor: from.actor, requestId: `${index}`.padEnd(100, 'r') };
  const asked =
    kind === 'remove'
      ? ({ kind } as const)
      : {
          kind: 'apply' as const,
          release: `${index}`.padEnd(64, 'f'),
          label: formatArtifactLabel(from.artifact),
          spec: { digest: 'f'.repeat(64), settings: pickSettings(description) },
        };
  const decision = decideRequest(state, asked, change, { now: NOW });
  if (decision.kind === 'refused') return state;
  const asking = { requestId: change.requestId, fingerprint: computeFingerprint(asked) };
  return applyDecision(state, decision, createAnswer(asking, NOW, decision.receipt));
}

/** All lists as long as users can make them. */
function fullest(from: Asker): ServiceState {
  const standing = (number: number): ActiveRevision => ({
    revision: reference(number, from.artifact),
    endpoints: endpoints(),
    since: NOW,
    warmUntil: NOW,
  });
  let state: ServiceState = {
    ...createServiceState(KEY),
    lastRevision: 10 ** 9,
    lastRollout: 10 ** 9,
    revisionSet: {
      live: standing(1),
      warm: Array.from({ length: LIMITS.pinned + MOST_WARM }, (_, at) => standing(at + 2)),
    },
    formerly: Array.from({ length: FORMERLY_LIMIT }, (_, at) => 10 ** 9 - at),
    contracts: Array.from({ length: MOST_PENDING }, (_, at) => ({
      ...{ revision: 10 ** 9 - at, rollout: 10 ** 9, liveSince: NOW, afterMs: 10 ** 10, timeoutMs: 60_000 },
      ...{ state: 'begun' as const, since: NOW, calls: 10 ** 6, nextCallAt: NOW },
    })),
    contractedBy: 10 ** 9,
    holds: Array.from({ length: MOST_HOLDS }, (_, at) => ({
      ...{ release: `${at}`.padEnd(64, 'f'), revision: 10 ** 9, rollout: 10 ** 9, since: NOW },
      because: from.error.slice(0, HOLD_REASON_LIMIT).toWellFormed(),
    })),
  };
  for (let index = 0; index < LIMITS.queue + 50; index += 1) state = ask(state, from, index, 'deploy');
  for (let index = 0; index < 50; index += 1) state = ask(state, from, 1_000 + index, 'remove');
  const [running] = state.queue;
  if (running) state = { ...state, running };
  for (let index = 0; index < 2 * LIMITS.departingKept; index += 1) {
    const revision = 10 ** 6 + index;
    const stack = formatStackName(KEY, revision);
    const report = { revision, stack, gone: false, since: NOW, attempts: 10 ** 6, nextAttemptAt: NOW };
    state = applyTeardownReport(state, { ...report, lastError: from.error });
  }
  for (const { revision } of state.revisionSet.warm) {
    const outcome = decideServiceCommand(state, { kind: 'pin', revision: revision.number }, 'warm');
    if ('state' in outcome) state = outcome.state;
  }
  for (let number = 10 ** 9; number < 10 ** 9 + LIMITS.bad + 50; number += 1) {
    const outcome = decideServiceCommand(state, { kind: 'mark-bad', revision: number }, 'retired');
    if ('state' in outcome) state = outcome.state;
  }
  for (let index = 0; index < 3 * LIMITS.answered; index += 1) {
    const run = `${'d'.repeat(24)}/${KEY.environment}@${10 ** 9}`;
    const rollback = { to: 10 ** 9, verdict: 'disproven', run, because: '\u0001'.repeat(120) } as const;
    const receipt = {
      service: KEY,
      rollout: 10 ** 9,
      revision: 10 ** 9,
      unchanged: false,
      queuedBehind: 100,
      rollback,
    };
    state = rememberAnswer(
      state,
      createAnswer({ requestId: 'r'.repeat(100), fingerprint: 'f'.repeat(16) }, NOW, receipt),
    );
  }
  return state;
}

/** A metric with a long question. */
function queryOf(query: string): MetricSpec {
  return { kind: 'prometheus', name: 'long', address: 'http://a', query, atMost: 1, leastSamples: 1 };
}

describe("the size of a service's state", () => {
  it(`stays below ${STATE_LIMIT / 1024} KiB, whatever is asked and however much of it`, () => {
    fc.assert(
      fc.property(someAsker, (character) => {
        const state = fullest(asker(character));
        const bytes = Buffer.byteLength(JSON.stringify(state));
        assert.ok(bytes < STATE_LIMIT, `${bytes} bytes`);
        assert.equal(state.queue.length, LIMITS.queue + LIMITS.queueSpare);
        assert.equal(state.departing.length, LIMITS.departingKept);
        assert.equal(state.bad?.length, LIMITS.bad);
        assert.equal(state.pinned?.length, LIMITS.pinned);
      }),
      { numRuns: 10 },
    );
  });

  it('has room for fewer deployments where their settings are long, and for rollbacks and removals all the same', () => {
    const query = 'q'.repeat(LIMITS.settings - 1_000);
    const full = fullest({ actor: 'ada', artifact: 'a', error: 'e', query });
    assert.ok(Buffer.byteLength(JSON.stringify(full)) < STATE_LIMIT, `${JSON.stringify(full).length} bytes`);
    const deployments = full.queue.filter(({ kind }) => kind === 'deploy').length;
    assert.equal(deployments, Math.floor(LIMITS.queuedSettings / (LIMITS.settings - 1_000 + 400)));
    const settings = {
      ...full.spec!.settings,
      strategy: { ...full.spec!.settings.strategy, metrics: [queryOf('漢'.repeat(4_096))] },
    };
    const asked = { kind: 'apply', release: 'new', label: 'new', spec: { ...full.spec!, settings } } as const;
    const long = decideRequest({ ...full, queue: [] }, asked, { actor: 'ada', requestId: 'x' }, { now: NOW });
    assert.ok(
      long.kind === 'refused' && /take \d+ bytes, and 12288 are the most/.test(long.refusal.message),
      JSON.stringify(long),
    );
    assert.equal(long.refusal.type, 'Invalid');
  });

  it('is kept by refusals that name the figure', () => {
    const full = fullest({ actor: 'ada', artifact: 'a', error: 'e' });
    const asked = { kind: 'apply', release: 'new', label: 'new', spec: full.spec! } as const;
    const queue = decideRequest({ ...full, departing: [] }, asked, { actor: 'ada', requestId: 'x' }, { now: NOW });
    assert.ok(queue.kind === 'refused' && /110 rollouts .* wait already/.test(queue.refusal.message));
    const stacks = decideRequest({ ...full, queue: [] }, asked, { actor: 'ada', requestId: 'x' }, { now: NOW });
    assert.ok(stacks.kind === 'refused' && /100 stacks .* wait to be torn down/.test(stacks.refusal.message));
    const pin = decideServiceCommand(
      { ...full, pinned: full.revisionSet.warm.slice(0, 20).map(({ revision }) => revision.number) },
      { kind: 'pin', revision: full.revisionSet.warm.at(-1)!.revision.number },
      'warm',
    );
    assert.ok('refusal' in pin && pin.refusal.message.includes('20 revisions are pinned'));
  });
});
