import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  type CohortRule,
  RULE_NAME,
  RULE_VALUE,
  buildInspectionRule,
  describeCohort,
  findCohortFaults,
  isFreeHeader,
  isInCohort,
} from '../../../src/domain/traffic/cohort.ts';

const HEADER: CohortRule = { header: { name: 'X-Beta', value: 'yes' } };
const COOKIE: CohortRule = { cookie: { name: 'beta', value: 'yes' } };

const pair = fc.record({ name: fc.stringMatching(RULE_NAME), value: fc.stringMatching(RULE_VALUE) });
const headers = fc.array(fc.oneof(pair, fc.record({ name: fc.string(), value: fc.string() })), { maxLength: 5 });
const flat = (all: readonly { name: string; value: string }[]): string[] =>
  all.flatMap(({ name, value }) => [name, value]);

describe('the requests of a cohort', () => {
  it('are those with the header, wherever it stands and however its name is written', () =>
    fc.assert(
      fc.property(pair, headers, headers, fc.boolean(), (header, before, after, isLoud) => {
        const name = isLoud ? header.name.toUpperCase() : header.name.toLowerCase();
        assert.ok(isInCohort({ header }, flat([...before, { ...header, name }, ...after])));
      }),
    ));

  it('are those with the cookie, wherever it stands among others', () =>
    fc.assert(
      fc.property(pair, fc.array(pair), fc.array(pair), (cookie, before, after) => {
        const value = [...before, cookie, ...after].map((each) => `${each.name}=${each.value}`).join('; ');
        assert.ok(isInCohort({ cookie }, ['Cookie', value]));
      }),
    ));

  it('are no others', () =>
    fc.assert(
      fc.property(pair, headers, (wanted, others) => {
        const without = others.filter(({ name, value }) => {
          const isCookie = name.toLowerCase() === 'cookie' && value.includes(`${wanted.name}=${wanted.value}`);
          return !isCookie && !(name.toLowerCase() === wanted.name.toLowerCase() && value.trim() === wanted.value);
        });
        assert.ok(!isInCohort({ header: wanted, cookie: wanted }, flat(without)));
      }),
    ));

  it('ask for a revision by its number while it is inspected', () => {
    const rule = buildInspectionRule(7);
    assert.ok(isInCohort(rule, ['Supplant-Revision', 'r7']));
    assert.ok(isInCohort(rule, ['cookie', 'a=b; supplant-revision=r7']));
    assert.ok(!isInCohort(rule, ['supplant-revision', 'r70', 'cookie', 'supplant-revision=r6']));
    assert.deepEqual(findCohortFaults(rule), []);
    assert.equal(
      describeCohort(rule),
      'requests with the header supplant-revision: r7 or the cookie supplant-revision=r7',
    );
    assert.equal(describeCohort(HEADER), 'requests with the header X-Beta: yes');
  });
});

describe('faults of a rule for a cohort', () => {
  for (const [what, rule, faults] of [
    ['a header', HEADER, []],
    ['a cookie', COOKIE, []],
    ['nothing', {}, [/neither a header nor a cookie; use one of them/]],
    ['a header of HTTP', { header: { name: 'Host', value: 'a' } }, [/^header Host of the cohort belongs to HTTP/]],
    ['what proxies write', { header: { name: 'X-Forwarded-For', value: 'a' } }, [/belongs to HTTP or to the router/]],
    [
      'blanks',
      { header: { name: 'x y', value: 'a b' } },
      [/^header x y .*use letters/, /^the value of header x y .*use 1 to 128/],
    ],
    ['what ends a cookie', { cookie: { name: 'a;', value: 'b;' } }, [/^cookie a; /, /^the value of cookie a;/]],
    ['nothing for a value', { cookie: { name: 'a', value: '' } }, [/^the value of cookie a /]],
  ] as [string, CohortRule, RegExp[]][]) {
    it(`of ${what}`, () => {
      const found = findCohortFaults(rule);
      assert.equal(found.length, faults.length, found.join('; '));
      for (const [index, fault] of found.entries()) assert.match(fault, faults[index]!);
    });
  }

  it('names of headers that are left to clients are few letters away from those that are not', () => {
    for (const name of ['x-forwarded', 'forwarded-by', 'x-host', 'supplant-revision']) assert.ok(isFreeHeader(name));
    for (const name of ['Forwarded', 'x-forwarded-proto', 'TE', 'Cookie']) assert.ok(!isFreeHeader(name));
  });
});
