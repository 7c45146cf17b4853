import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findCause, extractExcerpt } from '../../../src/domain/evidence/excerpt.ts';

const frames = Array.from({ length: 30 }, (_, n) => `    at step${n} (/srv/app/server.mjs:${n}:1)`).join('\n');
const NODE = `listening soon\n/srv/app/server.mjs:3\nthrow new Error('no database');\n^\n\nError: no database\n${frames}\n\nNode.js v24.1.0`;

describe('the last words of a program', () => {
  const rows: [string, string, string | undefined][] = [
    ['Node', NODE, 'Error: no database'],
    ['Node, with a code', `node:net:1\n\nError [ERR_X]: gone\n${frames}`, 'Error [ERR_X]: gone'],
    [
      'Python',
      'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nValueError: bad port',
      'ValueError: bad port',
    ],
    [
      'Java',
      'Exception in thread "main" java.lang.X: no\n\tat a.b(C.java:1)\nCaused by: java.net.BindException: in use\n\tat d.e(F.java:2)',
      'Caused by: java.net.BindException: in use',
    ],
    ['Go', 'panic: no config\n\ngoroutine 1 [running]:\nmain.main()', 'panic: no config'],
    ['Rust', "thread 'main' panicked at src/main.rs:2:5:\nno config", "thread 'main' panicked at src/main.rs:2:5:"],
    [
      'nginx',
      'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
      'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
    ],
    ['a shell', 'sh: 1: servr: command not found', 'sh: 1: servr: command not found'],
    ['somebody who only says goodbye', 'hello\ngoodbye', undefined],
  ];
  for (const [what, text, cause] of rows) {
    it(`names the cause as ${what} does`, () => {
      assert.equal(findCause(text), cause);
      if (cause !== undefined) assert.ok(extractExcerpt(text).includes(cause));
    });
  }

  it('leaves out frames of the stack before the beginning or the end', () => {
    const shown = extractExcerpt(NODE);
    assert.match(shown, /^listening soon\n/);
    assert.match(shown, /Error: no database\n…\n/);
    assert.match(shown, /Node\.js v24\.1\.0$/);
  });

  it('is a dozen lines and 1,500 characters at most, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 40 }), (lines) => {
        const shown = extractExcerpt(lines.join('\n'));
        const kept = shown.split('\n').filter((line) => line !== '…');
        assert.ok(kept.length <= 12);
        assert.ok(kept.join('\n').length <= 1500);
      }),
    );
  });
});
