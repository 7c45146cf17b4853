import assert from 'node:assert/strict';
import { Code, ConnectError } from '@connectrpc/connect';
import fc from 'fast-check';
import type { AuditEvent, AuditQuery } from '../../src/store/audit/store.ts';
import { findHead } from '../../src/gateway/watch/head.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { RolloutStatus } from '../../src/domain/rollout/status.ts';
import { AuditService, type WatchAuditEventsResponse } from '../../src/contract/gen/supplant/v1/audit_pb.ts';
import { Rollout_State, type WatchRolloutResponse } from '../../src/contract/gen/supplant/v1/rollouts_pb.ts';
import { RecordingClient } from '../doubles/recording-client.ts';
import { BAKING, BAKING_VIEW, SUCCEEDED } from '../doubles/sample-views.ts';
import { TestGateway, WEB } from './gateway.ts';

function event(seq: number, rollout: string, type = 'route.changed'): AuditEvent {
  return {
    seq,
    at: BAKING.startedAt,
    key: `${rollout}/${type}/${seq}`,
    type,
    subject: rollout.replace(/#.*/, ''),
    rollout,
    actor: 'ada',
    data: { seq },
    previousHash: '0'.repeat(64),
    hash: 'a'.repeat(64),
  };
}

const OURS = 'web/production#12';
const OTHERS = 'api/production#3';

/** A system whose record grows and whose rollout goes on while it is watched. */
class Living extends RecordingClient {
  readonly events: AuditEvent[] = [];
  status: RolloutStatus = BAKING;
  lists = 0;
  looks = 0;
  broken = false;

  constructor() {
    super({ views: [BAKING_VIEW] });
  }
  happens(rollout: string, type?: string): number {
    this.events.push(event(this.events.length + 1, rollout, type));
    return this.events.length;
  }
  override async auditEvents({ afterSeq = 0, limit = 1000, subject, rollout }: AuditQuery = {}): Promise<AuditEvent[]> {
    this.lists += 1;
    if (this.broken) throw new ApiError('UNAVAILABLE', 'the audit store is locked');
    return this.events
      .filter((each) => each.seq > afterSeq && (rollout === undefined || each.rollout === rollout))
      .filter((each) => subject === undefined || each.subject === subject)
      .slice(0, limit);
  }
  onLook?: () => void;
  override async rollout(): Promise<RolloutStatus> {
    this.looks += 1;
    this.onLook?.();
    return this.status;
  }
}

const name = `${WEB}/rollouts/12`;

describe('a rollout that is watched', () => {
  it('tells all its events in order and each once, how it stands, and ends with it', async () => {
    const backend = new Living();
    backend.happens(OTHERS);
    const first = backend.happens(OURS, 'rollout.started');
    await using gateway = await TestGateway.start(backend);
    const told: number[] = [];
    for await (const { sequence, update } of gateway.rollouts.watchRollout({ name })) {
      if (update.case === 'event') told.push(Number(sequence));
      if (update.case !== 'rollout') continue;
      told.push(update.value.state);
      if (update.value.state !== Rollout_State.RUNNING) continue;
      backend.happens(OTHERS);
      backend.happens(OURS);
      backend.happens(OURS, 'rollout.finished');
      backend.status = SUCCEEDED;
    }
    assert.deepEqual(told, [first, Rollout_State.RUNNING, 4, 5, Rollout_State.SUCCEEDED]);
  });

  it('is resumed with another gateway: nothing is missed, nothing comes twice', async () => {
    const backend = new Living();
    for (let count = 0; count < 700; count += 1) backend.happens(count % 3 === 0 ? OTHERS : OURS);
    const told: number[] = [];
    let afterSequence = 0n;
    // Each gateway is killed in the middle of the stream, the last one tells the rest.
    for (const most of [1, 250, 3, Number.POSITIVE_INFINITY]) {
      await using gateway = await TestGateway.start(backend);
      backend.happens(OURS);
      if (most === Number.POSITIVE_INFINITY) backend.status = SUCCEEDED;
      let left = most;
      try {
        for await (const { sequence, update } of gateway.rollouts.watchRollout({ name, afterSequence })) {
          afterSequence = sequence;
          if (update.case !== 'event') continue;
          told.push(Number(sequence));
          if ((left -= 1) === 0) await gateway.server.close(0);
          if (left <= 0) break;
        }
      } catch (error) {
        assert.equal(ConnectError.from(error).code, Code.Unavailable);
      }
    }
    const ours = backend.events.filter(({ rollout }) => rollout === OURS).map(({ seq }) => seq);
    assert.deepEqual(told, ours);
  });

  it('ends only after its last events, however late the gateway hears of them', async () => {
    const backend = new Living();
    await using gateway = await TestGateway.start(backend);
    const told: number[] = [];
    for await (const { sequence, update } of gateway.rollouts.watchRollout({ name })) {
      if (update.case === 'event') told.push(Number(sequence));
      if (update.case !== 'rollout' || update.value.paused) continue;
      // Recorded between the gateway's look at the record and its look at the rollout.
      backend.onLook = () => {
        if (backend.status === SUCCEEDED) return;
        backend.happens(OURS, 'rollout.finished');
        backend.status = SUCCEEDED;
      };
    }
    assert.deepEqual(told, [1]);
  });

  it('that is not there is refused', async () => {
    await using gateway = await TestGateway.start({ rollouts: [], views: [] });
    const watching = gateway.rollouts.watchRollout({ name })[Symbol.asyncIterator]();
    await assert.rejects(watching.next(), { code: Code.NotFound });
  });

  it('costs the same however many watch it', async () => {
    const backend = new Living();
    await using gateway = await TestGateway.start(backend);
    const end = new AbortController();
    const watchers = Array.from({ length: 50 }, () =>
      gateway.rollouts.watchRollout({ name }, { signal: end.signal })[Symbol.asyncIterator](),
    );
    await Promise.all(watchers.map((watcher) => watcher.next()));
    const looks = backend.looks;
    backend.status = { ...BAKING, paused: true };
    const next = await Promise.all(watchers.map((watcher) => watcher.next()));
    for (const { value } of next) {
      const { update } = value as WatchRolloutResponse;
      assert.equal(update.case === 'rollout' && update.value.paused, true);
    }
    assert.ok(backend.looks - looks < 25, `${backend.looks - looks} looks for 50 watchers`);
    end.abort();
    await Promise.allSettled(watchers.map((watcher) => watcher.next()));
  });
});

describe('the record that is watched', () => {
  it('tells what comes from now on, of one service', async () => {
    const backend = new Living();
    backend.happens(OURS);
    await using gateway = await TestGateway.start(backend);
    const audit = gateway.client(AuditService);
    const watching = audit.watchAuditEvents({ service: WEB })[Symbol.asyncIterator]();
    const hello = (await watching.next()).value as WatchAuditEventsResponse;
    assert.equal(hello.update.case, 'heartbeat');
    assert.equal(hello.sequence, 1n);
    backend.happens(OTHERS);
    const seq = backend.happens(OURS);
    const next = (await watching.next()).value as WatchAuditEventsResponse;
    assert.equal(next.sequence, BigInt(seq));
    assert.equal(next.update.case, 'event');
  });

  it('tells all there is and what comes after, once', async () => {
    const backend = new Living();
    for (let count = 0; count < 1200; count += 1) backend.happens(OURS);
    await using gateway = await TestGateway.start(backend);
    const told: bigint[] = [];
    for await (const { sequence, update } of gateway.client(AuditService).watchAuditEvents({ afterSequence: 0n })) {
      if (update.case !== 'event') continue;
      told.push(sequence);
      if (told.length === 1200) backend.happens(OTHERS);
      if (told.length === 1201) break;
    }
    assert.deepEqual(
      told,
      Array.from({ length: 1201 }, (_, index) => BigInt(index + 1)),
    );
  });

  it('ends as UNAVAILABLE when the store is gone', async () => {
    const backend = new Living();
    await using gateway = await TestGateway.start(backend);
    const watching = gateway.client(AuditService).watchAuditEvents({})[Symbol.asyncIterator]();
    await watching.next();
    backend.broken = true;
    await assert.rejects(watching.next(), { code: Code.Unavailable });
  });

  it('is exported line by line as it is hashed, and listed in pages', async () => {
    const backend = new Living();
    for (let count = 0; count < 1200; count += 1) backend.happens(count % 2 === 0 ? OURS : OTHERS);
    await using gateway = await TestGateway.start(backend);
    const audit = gateway.client(AuditService);
    const lines: string[] = [];
    for await (const message of audit.exportAuditEvents({})) lines.push(...message.lines);
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      backend.events,
    );
    const listed: bigint[] = [];
    let pageToken = '';
    do {
      const page = await audit.listAuditEvents({ rollout: name, pageSize: 250, pageToken });
      listed.push(...page.events.map(({ sequence }) => sequence));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(
      listed,
      Array.from({ length: 600 }, (_, index) => BigInt(2 * index + 1)),
    );
  });
});

describe('findHead', () => {
  it('finds the last event of a record of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), async (length) => {
        let questions = 0;
        const list = async ({ afterSeq = 0 }: AuditQuery) => {
          questions += 1;
          return afterSeq < length ? [event(afterSeq + 1, OURS)] : [];
        };
        assert.equal(await findHead(list), length);
        assert.ok(questions <= 45, `${questions} questions`);
      }),
    );
  });
});
