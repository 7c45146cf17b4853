import assert from 'node:assert/strict';
import { anchorArtifact, relativeFolder } from '../../../src/config/manifest/artifact-folder.ts';
import { parseManifest } from '../../../src/config/manifest/parse.ts';

const PIN = `#sha256:${'a'.repeat(64)}`;

describe('folders in artifacts', () => {
  const anchored: [string, string][] = [
    ['dir:./app', 'dir:/home/ada/shop/app'],
    ['dir:app', 'dir:/home/ada/shop/app'],
    ['./app', 'dir:/home/ada/shop/app'],
    ['../app/', 'dir:/home/ada/app'],
    ['.', 'dir:/home/ada/shop'],
    ['..', 'dir:/home/ada'],
    ['/srv/app', 'dir:/srv/app'],
    ['dir:/srv/C#/app', 'dir:/srv/C#/app'],
    ['dir:C#', 'dir:/home/ada/shop/C#'],
    [`dir:./app${PIN}`, `dir:/home/ada/shop/app${PIN}`],
    ['cmd:node server.mjs', 'cmd:node server.mjs#dir:/home/ada/shop'],
    ['cmd:node server.mjs#dir:app', 'cmd:node server.mjs#dir:/home/ada/shop/app'],
    ['cmd:node server.mjs#dir:/', 'cmd:node server.mjs#dir:/'],
    ['cmd:echo "$#"', 'cmd:echo "$#"#dir:/home/ada/shop'],
    ['command', 'command#dir:/home/ada/shop'],
    ['command#dir:..', 'command#dir:/home/ada'],
    ['npm:web@1.0.0#run', 'npm:web@1.0.0#run'],
    ['image:./web', 'image:./web'],
  ];
  for (const [written, recorded] of anchored) {
    it(`reads ${written} in a folder`, () => {
      assert.equal(anchorArtifact(written, '/home/ada/shop'), recorded);
      assert.equal(anchorArtifact(recorded, '/elsewhere'), recorded);
      assert.equal(relativeFolder(recorded), undefined);
    });
  }

  const manifest = (artifact: string, checks = ''): string =>
    `{apiVersion: supplant.dev/v1, kind: Service, name: web, environment: test, artifact: '${artifact}', blueprint: x${checks}}`;

  it('count from the manifest, as checks and metrics do that run a command', () => {
    const text = manifest(
      './app',
      ', checks: [{name: a, command: [sh, a.sh]}, {name: b, command: [x], workingDirectory: b}]' +
        ', strategy: {metrics: [{name: a, command: {run: [x]}, atMost: 1}, {name: b, command: {run: [x], workingDirectory: b}, atMost: 1}]}',
    );
    const parsed = parseManifest(text, '/srv/web');
    assert.ok(parsed.ok);
    const { artifact, checks, strategy } = parsed.spec;
    assert.equal(artifact, 'dir:/srv/web/app');
    for (const commands of [checks, strategy.metrics ?? []]) {
      assert.deepEqual(
        commands.map((each) => each.kind === 'command' && each.workingDirectory),
        ['/srv/web', '/srv/web/b'],
      );
    }
  });

  it('are refused where nobody knows what they count from, with what would be right', () => {
    const metrics = '[{name: b, atMost: 1, command: {run: [x], workingDirectory: ./b}}]';
    const text = manifest(
      './app',
      `, checks: [{name: b, command: [x], workingDirectory: ./b}], strategy: {metrics: ${metrics}}`,
    );
    const parsed = parseManifest(text);
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.faults.map(({ path, wanted, found }) => [path, wanted, found]),
      [
        ['artifact', 'a folder by its absolute path, such as dir:/srv/app', "'./app'"],
        ['checks[0].workingDirectory', 'an absolute path', "'./b'"],
        ['strategy.metrics[0].command.workingDirectory', 'an absolute path', "'./b'"],
      ],
    );
    for (const artifact of ['cmd:node server.mjs', 'command', 'dir:/srv/app']) {
      assert.ok(parseManifest(manifest(artifact)).ok, artifact);
    }
  });

  it('have no place in a check by HTTP', () => {
    const parsed = parseManifest(manifest('/a', ', checks: [{name: b, http: {}, workingDirectory: /b}]'), '/');
    assert.ok(!parsed.ok);
    assert.match(parsed.faults[0]?.wanted ?? '', /with a command only/);
  });
});
