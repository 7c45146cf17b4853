import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { fromHost, toHost } from '../../../src/contract/convert/hosts.ts';
import { HostSchema } from '../../../src/contract/gen/supplant/v1/hosts_pb.ts';
import { names, parseHostName } from '../../../src/contract/names.ts';
import { HOSTS } from '../../doubles/sample-hosts.ts';

describe('hosts as messages', () => {
  for (const host of HOSTS) {
    it(`say all of one that is ${host.state}${host.forgotten ? ', and was forgotten' : ''}`, () => {
      assert.deepEqual(fromHost(create(HostSchema, toHost(host))), host);
    });
  }

  it('are named by their ids', () => {
    assert.deepEqual(parseHostName(names.host('build-1-0a1b2c3d')), { ok: true, value: 'build-1-0a1b2c3d' });
    for (const text of ['', 'hosts/', 'hosts/A', 'build-1', 'hosts/a/b']) assert.equal(parseHostName(text).ok, false);
  });
});
