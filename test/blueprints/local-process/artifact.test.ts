import assert from 'node:assert/strict';
import { type ArtifactRef, parseArtifact } from '../../../blueprints/local-process/artifact.ts';

const SHA = 'a'.repeat(64);

describe('artifact of local-process', () => {
  const good: [string, ArtifactRef][] = [
    ['npm:http-server@14.1.1', { kind: 'npm', name: 'http-server', version: '14.1.1' }],
    ['npm:@acme/web@1.0.0-rc.1', { kind: 'npm', name: '@acme/web', version: '1.0.0-rc.1' }],
    ['dir:/srv/web', { kind: 'dir', path: '/srv/web' }],
    ['/srv/web', { kind: 'dir', path: '/srv/web' }],
    ['npm:JSONStream@1.3.5', { kind: 'npm', name: 'JSONStream', version: '1.3.5' }],
    ['npm:protobufjs-cli@1.1.3#pbjs', { kind: 'npm', name: 'protobufjs-cli', version: '1.1.3', program: 'pbjs' }],
    ['npm:web@1.0.0+build.7#run', { kind: 'npm', name: 'web', version: '1.0.0+build.7', program: 'run' }],
    ['dir:/srv/C#/app #1', { kind: 'dir', path: '/srv/C#/app #1' }],
    [`dir:/srv/C##sha256:${SHA}`, { kind: 'dir', path: '/srv/C#', sha256: SHA }],
    [`dir:/srv/web#sha256:${SHA}`, { kind: 'dir', path: '/srv/web', sha256: SHA }],
    ['cmd: node server.mjs --port {port}', { kind: 'cmd', line: 'node server.mjs --port {port}' }],
    ['cmd:node server.mjs#dir:/srv/web', { kind: 'cmd', line: 'node server.mjs', folder: '/srv/web' }],
    ['cmd:echo "$#" # so#dir:/srv/C#', { kind: 'cmd', line: 'echo "$#" # so', folder: '/srv/C#' }],
    ['command', { kind: 'none' }],
    ['command#dir:/srv/web', { kind: 'none', folder: '/srv/web' }],
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
    ['npm:-g@1.0.0', /'-g' is not an npm package name/],
    ['npm:--prefix=/@1.0.0', /is not an npm package name/],
    ['npm:@-g/web@1.0.0', /is not an npm package name/],
    ['npm:https://example.com/web.tgz@1.0.0', /is not an npm package name/],
    ['npm:git+ssh://git@example.com:a/b@1.0.0', /is not an npm package name/],
    ['npm:owner/repo@1.0.0', /is not an npm package name/],
    ['npm:web@npm:other@1.0.0', /is not an npm package name/],
    ['npm:web.tgz@1.0.0', /is not an npm package name/],
    ['npm:.@1.0.0', /is not an npm package name/],
    ['npm:~/web@1.0.0', /is not an npm package name/],
    ['npm:node_modules@1.0.0', /is not an npm package name/],
    ['npm:web@1.0.0#', /'#' names no program of the package; use npm:web@1\.0\.0#PROGRAM/],
    ['npm:web@1.0.0#../x', /names no program of the package/],
    ['dir:', /names no folder/],
    ['./web', /'\.\/web' is a relative path.*use dir:\/ABSOLUTE\/FOLDER/],
    ['.', /is a relative path/],
    ['dir:web', /'web' is a relative path/],
    ['dir:/srv/web#sha256:1', /'#sha256:1' is not a digest/],
    ['cmd:  ', /names no command/],
    ['cmd:#dir:/srv/web', /names no command/],
    ['cmd:node a.mjs#dir:srv', /'srv' is a relative path.*#dir:\/ABSOLUTE\/FOLDER/],
    ['command#dir:', /names no folder after #dir:/],
  ];
  for (const [text, fault] of bad) {
    it(`refuses '${text}'`, () => {
      const parsed = parseArtifact(text);
      assert.ok('fault' in parsed);
      assert.match(parsed.fault, fault);
    });
  }
});
