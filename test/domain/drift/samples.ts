import fc from 'fast-check';
import type { DriftFinding } from '../../../src/domain/drift/finding.ts';
import type { DriftTarget } from '../../../src/domain/drift/record.ts';

export const TARGET: DriftTarget = { service: { name: 'web', environment: 'production' }, revision: 3 };

export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

export function gone(name: string): DriftFinding {
  return { urn: `urn:pulumi:s::p::t::${name}`, type: 'p:index:T', name, kind: 'gone', properties: [], mark: '' };
}

export function changed(name: string, properties: string[], mark = properties.join()): DriftFinding {
  return { ...gone(name), kind: 'changed', properties, mark };
}

export const someFinding: fc.Arbitrary<DriftFinding> = fc
  .tuple(fc.constantFrom('p1', 'p2', 'p3'), fc.boolean(), fc.constantFrom('a', 'b'))
  .map(([name, isGone, mark]) => (isGone ? gone(name) : changed(name, ['port'], mark)));

/** As a look finds them: each resource once. */
export const someFindings = fc.uniqueArray(someFinding, { selector: ({ urn }) => urn, maxLength: 3 });
