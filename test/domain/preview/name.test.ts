import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { EXPERIMENT_NAME } from '../../../src/domain/experiment/experiment.ts';
import { LONGEST_BRANCH, computePreviewName } from '../../../src/domain/preview/name.ts';

function nameOf(branch: string, service = 'web'): string {
  return computePreviewName({ service: { name: service, environment: 'production' }, branch });
}

/** What people and programs call branches and changes. */
const branch = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
  fc.stringMatching(/^(feature|fix|renovate)\/[A-Za-z0-9_.-]{1,40}$/),
  fc.integer({ min: 1, max: 99_999 }).map((number) => `#${number}`),
  fc.string({ minLength: 1, maxLength: LONGEST_BRANCH }),
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
);
const service = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}$/);

describe('the name of a preview', () => {
  it('is that of its service and branch, where those can stand as they are', () => {
    assert.equal(nameOf('login'), 'web-login');
    assert.equal(nameOf('login-2'), 'web-login-2');
    assert.equal(nameOf('123'), 'web-123');
  });

  it('says so by a mark where something had to be changed or cut', () => {
    for (const [given, wanted] of [
      ['feature/Login_2', /^web-login-2-x[a-z0-9]{7}$/],
      ['#123', /^web-123-x[a-z0-9]{7}$/],
      ['feature/a-very-long-name-of-a-branch', /^web-a-very-long-x[a-z0-9]{7}$/],
      ['Größe', /^web-gro-e-x[a-z0-9]{7}$/],
      ['日本', /^web-x[a-z0-9]{7}$/],
    ] as const) {
      assert.match(nameOf(given), wanted);
    }
  });

  it('is another one where only case, signs or the service differ', () => {
    const names = [nameOf('Login'), nameOf('login'), nameOf('login_'), nameOf('login', 'api'), nameOf('#login')];
    assert.equal(new Set(names).size, names.length);
    // Where the service ends and the branch begins is not to be guessed.
    assert.notEqual(nameOf('a-login', 'web'), nameOf('login', 'web-a'));
    // One that looks as if it had a mark is no other's name.
    assert.notEqual(nameOf(nameOf('#123').slice('web-'.length)), nameOf('#123'));
  });

  it('is valid, always the same, and differs for different branches and services', () => {
    fc.assert(
      fc.property(service, branch, service, branch, (one, given, other, another) => {
        const name = nameOf(given, one);
        assert.match(name, EXPERIMENT_NAME);
        assert.equal(nameOf(given, one), name);
        if (one !== other || given !== another) assert.notEqual(nameOf(another, other), name);
      }),
      { numRuns: 2_000 },
    );
  });
});
