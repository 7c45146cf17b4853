import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type ArtifactRef, parseArtifact } from '../../../blueprints/local-process/artifact.ts';

const SHA = 'a'.repeat(64);

describe('artifact of local-process', () => {
  const good: [string, ArtifactRef][] = [
    ['npm:http-server@14.1.1', { kind: 'npm', name: 'http-server', version: '14.1.1' }],
    ['npm:@acme/web@1.0.0-rc.1', { kind: 'npm', name: '@acme/web', version: '1.0.0-rc.1' }],
    ['dir:/srv/web', { kind: 'dir', path: '/srv/web' }],
    ['/srv/web', { kind: 'dir', path: '/srv/web' }],
    ['./web', { kind: 'dir', path: join(process.cwd(), 'web') }],
    ['dir:web', { kind: 'dir', path: join(process.cwd(), 'web') }],
    [`dir:/srv/web#sha256:${SHA}`, { kind: 'dir', path: '/srv/web', sha256: SHA }],
    ['cmd: node server.mjs --port {port}', { kind: 'cmd', line: 'node server.mjs --port {port}' }],
    ['command', { kind: 'none' }],
  ];
  for (const [text, ref] of good) {
    it(`reads ${text}`, () => assert.deepEqual(parseArtifact(text), { ref }));
  }

  const bad: [string, RegExp][] = [
    ['', /is not an artifact.*use npm:NAME@VERSION/],
    ['docker:nginx', /is not an artifact/],
    ['npm:http-server', /no version is given.*npm:http-server@1\.2\.3/],
    ['npm:http-server@latest', /'latest' is a range or tag/],
    ['npm:http-server@^14.0.0', /'\^14\.0\.0' is a range or tag/],
    ['npm:../../etc@1.0.0', /is not an npm package name/],
    ['npm:Web@1.0.0', /is not an npm package name/],
    ['dir:', /names no folder/],
    ['dir:/srv/web#md5:1', /'#md5:1' is not a digest/],
    ['cmd:  ', /names no command/],
  ];
  for (const [text, fault] of bad) {
    it(`refuses '${text}'`, () => {
      const parsed = parseArtifact(text);
      assert.ok('fault' in parsed);
      assert.match(parsed.fault, fault);
    });
  }
});
