import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readyLines } from '../../../src/cli/commands/dev.ts';
import { fitHeight, type Frame, frame, render } from '../../../src/cli/views/frame.ts';
import { renderHistory } from '../../../src/cli/views/history.ts';
import { renderList } from '../../../src/cli/views/list.ts';
import { renderServiceChanges } from '../../../src/cli/views/progress.ts';
import { renderRollout } from '../../../src/cli/views/rollout.ts';
import { renderService } from '../../../src/cli/views/service.ts';
import { type Line, line, width, wrap } from '../../../src/cli/views/text.ts';
import { explainTrouble, explainWhy } from '../../../src/cli/views/why.ts';
import { buildGateWait } from '../../../src/domain/gates/status.ts';
import type { RolloutStatus } from '../../../src/domain/rollout/status.ts';
import { describeHostWait } from '../../../src/domain/hosts/words.ts';
import { pickServiceFacts } from '../../../src/domain/rollout/narrate.ts';
import type { ServiceView } from '../../../src/domain/rollout/status.ts';
import { DISPROVEN, PROOFS } from '../../doubles/sample-drills.ts';
import { BESIDE, BESIDE_HISTORY, BESIDE_VIEW } from '../../doubles/sample-baselines.ts';
import * as sample from '../../doubles/sample-views.ts';
import { assertGolden } from '../golden.ts';
import { describeViews, drawn } from './describe-views.ts';

const why = (rollout: (typeof sample)['BAKING']) => (on: Frame) =>
  explainWhy(rollout, on.now).flatMap((text) => wrap(text, on.width).map((part) => line(part)));

/** The one before is left on a host that is away. */
const HOST_AWAY: ServiceView = {
  ...sample.IDLE_VIEW,
  status: {
    ...sample.IDLE_VIEW.status,
    quarantine: [
      {
        ...{ stack: 'web-production-r15', revision: 15, attempts: 1 },
        ...{ since: sample.secondsAgo(600), nextAttemptAt: sample.secondsAgo(570) },
        lastError: describeHostWait({ host: 'build-2-4e5f6a7b', state: 'away', lastSeenAt: sample.secondsAgo(630) }),
      },
    ],
  },
};

/** As a rollout tells of it. */
function waitOf({ gates }: RolloutStatus): Pick<RolloutStatus, 'wait'> {
  const wait = buildGateWait(gates ?? []);
  return wait ? { wait } : {};
}

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  'status-baking': (on) => renderService(sample.BAKING_VIEW, on),
  'status-validating': (on) => renderService(sample.VALIDATING_VIEW, on),
  'status-previewed': (on) => renderService(sample.PREVIEWED_VIEW, on),
  'status-inspected': (on) => renderService(sample.INSPECTED_VIEW, on),
  'status-idle': (on) => renderService(sample.IDLE_VIEW, on),
  'status-refused': (on) => renderService(sample.REFUSED_VIEW, on),
  'status-host-away': (on) => renderService(HOST_AWAY, on),
  'why-host-away': (on) =>
    explainWhy(sample.SUCCEEDED, on.now, pickServiceFacts(HOST_AWAY)).flatMap((text) =>
      wrap(text, on.width).map((part) => line(part)),
    ),
  'status-removed': (on) => renderService(sample.REMOVED_VIEW, on),
  'status-sick': (on) => renderService(sample.SICK_VIEW, on),
  'rollout-succeeded': (on) => renderRollout(sample.SUCCEEDED, on),
  'rollout-steps': (on) => renderRollout(sample.CANARY, on),
  'rollout-steps-failed': (on) => renderRollout(sample.CANARY_FAILED, on),
  'rollout-metrics-failed': (on) => renderRollout(sample.METRICS_FAILED, on),
  'rollout-hooks': (on) => renderRollout(sample.HOOKED, on),
  'rollout-gated': (on) => renderRollout({ ...sample.GATED, ...waitOf(sample.GATED) }, on),
  'why-gated': (on) => why({ ...sample.GATED, ...waitOf(sample.GATED) })(on),
  'rollout-break-glass': (on) => renderRollout(sample.GLASS_BROKEN, on),
  'why-break-glass': why(sample.GLASS_BROKEN),
  'status-beside-a-baseline': (on) => renderService(BESIDE_VIEW, on),
  'rollout-beside-a-baseline': (on) => renderRollout(BESIDE, on),
  'history-beside-a-baseline': (on) => renderHistory({ ...BESIDE_HISTORY, proofs: [] }, on),
  'why-beside-a-baseline': why(BESIDE),
  'rollout-ramp': (on) => renderRollout(sample.RAMP, on),
  'why-hooks': why(sample.HOOKED),
  'why-steps': why(sample.CANARY),
  history: (on) => renderHistory({ ...sample.HISTORY, proofs: [] }, on),
  'history-drilled': (on) => renderHistory({ ...sample.HISTORY, proofs: PROOFS }, on),
  'status-drilled': (on) => renderService({ ...sample.IDLE_VIEW, rollback: DISPROVEN }, on),
  list: (on) => renderList([sample.IDLE_VIEW, sample.REFUSED_VIEW], on),
  'list-sick': (on) => renderList([sample.IDLE_VIEW, sample.SICK_VIEW], on),
  'why-sick': (on) =>
    explainTrouble(sample.SICK_VIEW.status, on.now).flatMap((text) => wrap(text, on.width).map((part) => line(part))),
  'list-empty': (on) => renderList([], on),
  'why-baking': why(sample.BAKING),
  'why-validating': why(sample.VALIDATING),
  'why-refused': why(sample.REFUSED),
  'why-rolled-back': why(sample.ROLLED_BACK),
  'why-succeeded': why(sample.SUCCEEDED),
  'watch-lines': (on) => [
    ...renderServiceChanges(undefined, sample.BAKING_VIEW, on),
    ...renderServiceChanges(undefined, sample.VALIDATING_VIEW, on),
    ...renderServiceChanges(sample.BAKING_VIEW, sample.IDLE_VIEW, on),
    ...renderServiceChanges(sample.IDLE_VIEW, sample.REFUSED_VIEW, on),
  ],
  'dev-ready': (on) =>
    readyLines(
      {
        api: '127.0.0.1:7700',
        tokenFile: '/srv/.supplant/api.token',
        temporalUi: 'http://127.0.0.1:8233',
        temporalAddress: '127.0.0.1:7233',
        namespace: 'default',
        routerSocket: '/srv/.supplant/router.sock',
        dataDir: '/srv/.supplant',
        store: '/srv/.supplant/supplant.sqlite',
      },
      on,
    ),
};

describe('views', () => {
  describeViews(VIEWS);

  it('draws in colour', () =>
    assertGolden('status-baking.80-colour', `${drawn(VIEWS['status-baking']!, 80, true, true).join('\n')}\n`));

  it('fits the whole story into 80 × 24', () => {
    const on = frame(80, sample.NOW, true);
    const lines = render(fitHeight(VIEWS['status-baking']!, on, 23), on, false);
    assertGolden('status-baking.80x24', `${lines.join('\n')}\n`);
    assert.ok(lines.length <= 23);
    assert.match(lines.at(-1)!, /Queue/);
  });

  it('says so where even the compact view is too high', () => {
    const on = frame(80, sample.NOW, true);
    const lines = render(fitHeight(VIEWS['status-baking']!, on, 10), on, false);
    assert.equal(lines.length, 10);
    assert.match(lines.at(-1)!, /more lines/);
  });

  it('never lets text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (because, artifact, cells) => {
        const rollout = { ...sample.REFUSED, because, artifact, reason: artifact };
        const view = { ...sample.REFUSED_VIEW, rollout };
        for (const one of drawn((on) => [...renderService(view, on), ...renderRollout(rollout, on)], cells, true)) {
          // eslint-disable-next-line no-control-regex
          assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f]/);
          assert.ok(width(one) <= cells);
        }
      }),
    );
  });
});
