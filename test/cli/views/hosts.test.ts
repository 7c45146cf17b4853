import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Frame } from '../../../src/cli/views/frame.ts';
import { renderHosts } from '../../../src/cli/views/hosts.ts';
import { type Line, width } from '../../../src/cli/views/text.ts';
import { HOSTS } from '../../doubles/sample-hosts.ts';
import { describeViews, drawn } from './describe-views.ts';

const VIEWS: Record<string, (on: Frame) => Line[]> = {
  hosts: (on) => renderHosts(HOSTS, on),
  'hosts-empty': (on) => renderHosts([], on),
};

describe('views of hosts', () => {
  describeViews(VIEWS);

  it('never let text of others move the cursor or exceed the width', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 20, max: 90 }), (reason, by, cells) => {
        const hosts = HOSTS.map((host) => ({
          ...host,
          version: by,
          forgotten: { at: host.lastSeenAt ?? '', by, reason },
        }));
        for (const one of drawn((on) => renderHosts(hosts, on), cells, true)) {
          // eslint-disable-next-line no-control-regex
          assert.doesNotMatch(one, /[\u0000-\u001f\u007f-\u009f]/);
          assert.ok(width(one) <= cells);
        }
      }),
    );
  });
});
