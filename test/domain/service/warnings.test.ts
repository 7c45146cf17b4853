import assert from 'node:assert/strict';
import type { RouteObservation, TargetObservation } from '../../../src/domain/traffic/route.ts';
import { noteLook } from '../../../src/domain/drift/record.ts';
import { collectDriftWarnings, collectWarnings } from '../../../src/domain/service/warnings.ts';
import { TARGET, at, gone } from '../drift/samples.ts';
import type { ServiceStatus } from '../../../src/domain/rollout/status.ts';

const NOW = new Date('2026-03-14T15:00:00Z');
const ONE = { host: '127.0.0.1', port: 81 };
const TWO = { host: '127.0.0.1', port: 82 };

const status = (more: Partial<ServiceStatus> = {}) => ({ live: 2, ...more }) as ServiceStatus;

const target = (more: Partial<TargetObservation> = {}): TargetObservation => ({
  ...{ revision: 2, endpoints: [ONE, TWO], weight: 100, inFlight: 0, upgraded: 0, served: 9, failed: 0 },
  ...more,
});

const route = (...targets: TargetObservation[]): RouteObservation => ({
  service: { name: 'web', environment: 'test' },
  generation: 1,
  address: { host: '127.0.0.1', port: 80 },
  targets,
});

describe('what is wrong with a service', () => {
  const kinds = (...args: [ServiceStatus, RouteObservation?]) =>
    collectWarnings(args[0], args[1], NOW).map(({ kind }) => kind);

  it('is nothing where what is live answers, or nobody knows', () => {
    assert.deepEqual(kinds(status(), route(target())), []);
    assert.deepEqual(kinds(status()), []);
    const { live: _none, ...nothing } = status();
    assert.deepEqual(kinds(nothing as ServiceStatus, route()), []);
  });

  it('is told from ports that somebody else has: where clients connect, and where the new revision is looked at', () => {
    const preview = { address: { host: '127.0.0.1', port: 41_001 }, inFlight: 0, served: 0, failed: 0 };
    const observed: RouteObservation = {
      ...route(target()),
      portFault: 'port 8080 is taken',
      preview: { ...preview, portFault: 'port 8081 is taken by node, process 4711' },
    };
    assert.deepEqual(collectWarnings(status(), observed, NOW), [
      {
        kind: 'port',
        text: 'clients connect at port 80: port 8080 is taken; that one is used as soon as it can be had',
      },
      {
        kind: 'port',
        text: 'the preview address is at port 41001: port 8081 is taken by node, process 4711; that one is used as soon as it can be had',
      },
    ]);
    assert.deepEqual(collectWarnings(status(), { ...observed, preview }, NOW).length, 1);
  });

  it('is told from the endpoints that accept nothing: all of them, or some', () => {
    const all = target({ unreachable: ['127.0.0.1:81 refuses connections', '127.0.0.1:82 refuses connections'] });
    const [worst] = collectWarnings(status(), route(all), NOW);
    assert.equal(worst?.kind, 'unreachable');
    assert.match(worst.text, /^r2 has the traffic and answers nobody: 127.0.0.1:81 refuses connections, /);
    const some = target({ unreachable: ['127.0.0.1:82 refuses connections'] });
    assert.deepEqual(kinds(status(), route(some)), ['degraded']);
  });

  it('is told from requests that were not answered, for a minute', () => {
    const lost = (at: string) => route(target({ failed: 3, lastFailedAt: at }));
    assert.deepEqual(kinds(status(), lost('2026-03-14T14:59:30.000Z')), ['degraded']);
    assert.deepEqual(kinds(status(), lost('2026-03-14T14:58:00.000Z')), []);
  });

  it('is a router that sends what is live nothing, other than while a rollout moves it', () => {
    assert.deepEqual(kinds(status(), route(target({ revision: 1 }))), ['no-route']);
    assert.deepEqual(kinds(status({ running: 3 }), route(target({ revision: 1 }))), []);
  });
});

describe('drift of a service', () => {
  const { record } = noteLook(TARGET, undefined, [gone('p1')], at(1));
  const told = (state: string, drift?: 'report' | 'block') => {
    const revisions = [{ number: TARGET.revision, state }];
    const of = { spec: { ...(drift ? { drift } : {}) }, revisions } as unknown as ServiceStatus;
    return collectDriftWarnings(of, [record, { ...record, findings: [] }]);
  };

  it('is a warning of what is live or warm, and says what follows where it blocks', () => {
    const text = 'r3 is not as it was made: p1 (p:index:T) is gone';
    for (const state of ['live', 'warm']) assert.deepEqual(told(state), [{ kind: 'drift', text }]);
    const then = 'rollouts do not shift traffic before that is gone or acknowledged';
    assert.deepEqual(told('live', 'block'), [{ kind: 'drift', text: `${text}; ${then}` }]);
    assert.deepEqual(told('retired'), []);
  });
});
