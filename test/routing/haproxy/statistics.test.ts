import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LATENCY_BOUNDS_MS } from '../../../src/routing/embedded/series-count.ts';
import { completeLatencies, parseLatencies } from '../../../src/routing/haproxy/latency.ts';
import { parseBackendCounts, parseConnections, parseServers } from '../../../src/routing/haproxy/statistics.ts';

describe('latencies of a backend', () => {
  const last = LATENCY_BOUNDS_MS.length;

  it('have one for each request: what has no time counts as slower than all that is measured', () => {
    const found = completeLatencies({ answered: 10, givenUp: 2 }, [5, 1]);
    assert.deepEqual([found.length, found[0], found[1], found[last]], [last + 1, 5, 1, 4]);
  });

  it('are not fewer than were timed, where some of these have not ended', () => {
    const found = completeLatencies({ answered: 1, givenUp: 1 }, [5]);
    assert.deepEqual([found[0], found[last]], [5, 1]);
    assert.ok(completeLatencies({ answered: 0, givenUp: 0 }).every((count) => count === 0));
  });
});

describe('what HAProxy says', () => {
  it('of its backends is read by the names of the columns, whichever there are', () => {
    const csv = [
      '# pxname,svname,new,scur,stot,econ,eresp,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,',
      'service,FRONTEND,,9,9,,,0,9,0,0,0,0,',
      'slot-01,r1-127.0.0.1:80,,1,5,1,1,0,5,0,0,0,0,',
      'slot-01,BACKEND,,2,17,1,2,1,5,1,2,3,1,',
      'slot-02,BACKEND,,0,0,0,0,0,0,0,0,0,0,',
      '',
    ].join('\n');
    assert.deepEqual(
      [...parseBackendCounts(csv)],
      [
        ['slot-01', { inFlight: 2, served: 17, failed: 3, answered: 13, errors: 3, givenUp: 1 }],
        ['slot-02', { inFlight: 0, served: 0, failed: 0, answered: 0, errors: 0, givenUp: 0 }],
      ],
    );
  });

  it('of upgraded connections is read by backend', () => {
    const table = [
      '# table: upgraded, type: string, size:64, used:2',
      '0x7f8340046c08: key=slot-01 use=2 exp=0 conn_cur=2',
      '0x7f8340046d08: key=slot-12 use=0 exp=0 conn_cur=0',
    ].join('\n');
    assert.deepEqual(
      [...parseConnections(table)],
      [
        ['slot-01', 2],
        ['slot-12', 0],
      ],
    );
  });

  it('of how long answers took is read by backend, and is nothing where it has no such table', () => {
    const table = [
      '# table: latencies, type: string, size:64, used:2',
      '0x559fea9a2b50: key=slot-01 use=0 exp=0 gpc0=4 gpc1=0 gpc2=17',
      '0x7fadfc043360: key=slot-12 use=1 exp=0 gpc0=0 gpc1=1 gpc2=0',
    ].join('\n');
    assert.deepEqual(
      [...(parseLatencies(table) ?? [])],
      [
        ['slot-01', [4, 0, 17]],
        ['slot-12', [0, 1, 0]],
      ],
    );
    assert.equal(parseLatencies('No such table'), undefined);
  });

  it('of its servers is read by the names of the columns', () => {
    const text = [
      '1',
      '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight',
      '6 slot-01 1 r1-127.0.0.1:80 127.0.0.1 2 0 256',
      '6 slot-01 2 r1-::1:80 ::1 0 1 1',
      '',
    ].join('\n');
    assert.deepEqual(parseServers(text), [
      { backend: 'slot-01', name: 'r1-127.0.0.1:80', weight: 256, isReady: true },
      { backend: 'slot-01', name: 'r1-::1:80', weight: 1, isReady: false },
    ]);
  });
});
