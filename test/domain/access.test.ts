import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ACCESS_VERBS,
  type Binding,
  findBindings,
  decideAccess,
  decideApproval,
  describeBinding,
  matchesPattern,
  matchesService,
  ROLES,
} from '../../src/domain/access.ts';
import { VERBS } from '../../src/domain/rollout/verbs.ts';

/** The same table as a person would draw it. */
const TABLE = `
              viewer  deployer  approver  admin
  view          x        x         x        x
  audit         x        x         x        x
  logs                   x                  x
  apply                  x                  x
  deploy                 x                  x
  rollback               x                  x
  unqueue                x                  x
  pin                    x                  x
  markBad                x                  x
  promote                x                  x
  pause                  x                  x
  resume                 x                  x
  abort                  x                  x
  retry                  x                  x
  experiment             x                  x
  drift                  x                  x
  approve                          x        x
  reject                           x        x
  remove                                    x
  reap                                      x
  forgetHost                                x
  breakGlass                                x
  changeStop                                x
`;
const COLUMNS = [16, 25, 35, 44];

const web = { name: 'web', environment: 'production' };
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const service = fc.record({ name, environment: name });

function bound(role: Binding['role'], services = ['*/*'], verbs?: Binding['verbs']): Binding {
  return { subjects: ['*'], role, services, ...(verbs ? { verbs } : {}) };
}

describe('access: role and verb', () => {
  const rows = TABLE.split('\n').slice(2, -1);

  it('has a row for every verb, those of a rollout among them', () => {
    assert.deepEqual(rows.map((row) => row.trim().split(' ')[0]).toSorted(), ACCESS_VERBS.toSorted());
    assert.deepEqual(
      VERBS.filter((verb) => !ACCESS_VERBS.includes(verb)),
      [],
    );
  });

  for (const row of rows) {
    const verb = ACCESS_VERBS.find((known) => known === row.trim().split(' ')[0]);
    it(`${String(verb)} is for the roles that the table marks, and no other`, () => {
      assert.ok(verb);
      for (const [index, role] of ROLES.entries()) {
        assert.equal(decideAccess([bound(role)], verb, web).allowed, row[COLUMNS[index]!] === 'x', `${role} ${verb}`);
      }
    });
  }
});

describe('access: a decision', () => {
  it('is no without any binding, and says which role is needed', () => {
    assert.deepEqual(decideAccess([], 'deploy', web), {
      allowed: false,
      reason: 'deploy on web/production needs the role deployer or admin there; no role is bound to you',
    });
  });

  it('says what the caller has, where that is not enough', () => {
    const bindings = [bound('deployer', ['web/staging']), bound('admin', ['*/*'], ['view'])];
    assert.deepEqual(decideAccess(bindings, 'remove', web), {
      allowed: false,
      reason:
        'remove on web/production needs the role admin there; ' +
        'you have deployer on web/staging; admin on */* (only view)',
    });
  });

  it('does not list bindings without end', () => {
    const decision = decideAccess(
      Array.from({ length: 7 }, () => bound('viewer')),
      'deploy',
      web,
    );
    assert.match(decision.allowed ? '' : decision.reason, /(viewer on \*\/\*; ){4}viewer on \*\/\*, and 2 more$/);
  });

  it('names the binding that allows it', () => {
    const right = bound('approver', ['web/*']);
    assert.deepEqual(decideAccess([bound('viewer'), right], 'approve', web), { allowed: true, by: right });
  });

  it('about all services needs a binding on all services', () => {
    assert.equal(decideAccess([bound('admin', ['web/*', '*/production'])], 'audit').allowed, false);
    assert.equal(decideAccess([bound('viewer')], 'audit').allowed, true);
  });

  it('is yes only by one binding that has role, verb and service together', () => {
    const binding = fc.record({
      subjects: fc.constant(['*']),
      role: fc.constantFrom(...ROLES),
      services: fc.array(fc.constantFrom('*/*', 'web/*', '*/production', 'web/production', 'shop/staging')),
      verbs: fc.subarray([...ACCESS_VERBS]),
    });
    const key = fc.record({
      name: fc.constantFrom('web', 'shop'),
      environment: fc.constantFrom('production', 'staging'),
    });
    const property = fc.property(fc.array(binding), fc.constantFrom(...ACCESS_VERBS), key, (bindings, verb, asked) => {
      const decision = decideAccess(bindings, verb, asked);
      const single = bindings.filter((one) => decideAccess([one], verb, asked).allowed);
      assert.equal(decision.allowed, single.length > 0);
      if (!decision.allowed) return;
      assert.ok(decision.by.verbs?.includes(verb));
      assert.ok(decision.by.services.some((pattern) => matchesService(pattern, asked)));
    });
    fc.assert(property);
  });

  it('that allows everything to an admin allows less to every other role', () => {
    for (const role of ROLES.filter((one) => one !== 'admin')) {
      const allowed = ACCESS_VERBS.filter((verb) => decideAccess([bound(role)], verb, web).allowed);
      assert.ok(allowed.length < ACCESS_VERBS.length && allowed.includes('view'), role);
    }
  });
});

describe('access: an approval', () => {
  const separateApprover = ['*/production'];

  it('is refused to who asked for the rollout, an admin too, where that is demanded', () => {
    const own = { approver: 'jwt:ann', requester: 'jwt:ann', separateApprover };
    assert.deepEqual(decideApproval([bound('admin')], web, own), {
      allowed: false,
      reason: 'jwt:ann asked for this rollout of web/production; somebody else has to approve it',
    });
    assert.equal(decideApproval([bound('admin')], { ...web, environment: 'staging' }, own).allowed, true);
  });

  it('by somebody else still needs the role', () => {
    const other = { approver: 'jwt:bob', requester: 'jwt:ann', separateApprover };
    assert.equal(decideApproval([bound('approver')], web, other).allowed, true);
    assert.equal(decideApproval([bound('deployer')], web, other).allowed, false);
  });
});

describe('access: patterns', () => {
  const characters = fc.constantFrom('a', '*', '.');
  const pattern = fc.array(characters, { maxLength: 5 }).map((list) => list.join(''));
  const text = fc.array(fc.constantFrom('a', '.'), { maxLength: 5 }).map((list) => list.join(''));

  it('match what the regular expression with .* for * matches', () => {
    const property = fc.property(pattern, text, (wild, given) => {
      const source = wild
        .split('*')
        .map((piece) => piece.replaceAll('.', '\\.'))
        .join('.*');
      assert.equal(matchesPattern(wild, given), new RegExp(`^${source}$`, 's').test(given));
    });
    fc.assert(property, { numRuns: 3000 });
  });

  it('match a text in which any span was replaced by *', () => {
    const property = fc.property(text, fc.nat(5), fc.nat(5), (given, one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      assert.ok(matchesPattern(`${given.slice(0, start)}*${given.slice(end)}`, given));
    });
    fc.assert(property);
  });

  it('without * match themselves only', () => {
    fc.assert(fc.property(text, text, (one, other) => matchesPattern(one, other) === (one === other)));
  });

  it('answer at once to what makes a backtracking matcher slow', () => {
    assert.equal(matchesPattern('*a'.repeat(1000) + 'b', 'a'.repeat(10_000)), false);
  });

  it('of services match name by name', () => {
    const property = fc.property(service, service, (one, other) => {
      assert.ok(matchesService('*/*', one) && matchesService(`${one.name}/*`, one));
      assert.equal(matchesService(`${one.name}/*`, other), one.name === other.name);
      assert.equal(matchesService(`*/${one.environment}`, other), one.environment === other.environment);
      assert.equal(matchesService('*', one), false);
      assert.equal(matchesService('*/*/*', one), false);
    });
    fc.assert(property);
  });
});

describe('access: bindings of a caller', () => {
  it('are those for its name or one of its groups', () => {
    const bindings: Binding[] = [
      { subjects: ['token:ci'], role: 'deployer', services: ['*/*'] },
      { subjects: ['jwt:*@example.com'], role: 'viewer', services: ['*/*'] },
      { subjects: ['group:ops', 'group:sre'], role: 'admin', services: ['*/*'] },
    ];
    const roles = (...names: string[]): string[] => findBindings(names, bindings).map(describeBinding);
    assert.deepEqual(roles('token:ci'), ['deployer on */*']);
    assert.deepEqual(roles('jwt:ann@example.com', 'group:sre'), ['viewer on */*', 'admin on */*']);
    assert.deepEqual(roles('jwt:token:ci', 'jwt:ann@example.com.evil'), []);
  });
});
