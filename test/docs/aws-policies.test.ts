import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './markdown.ts';

/** What a policy is for, and how the actions of its clients are called in IAM. */
const POLICIES: {
  policy: string;
  sources: string;
  services: Readonly<Record<string, string>>;
}[] = [
  {
    policy: 'router-aws-alb',
    sources: 'src/routing/aws-alb/*.ts',
    services: { '@aws-sdk/client-elastic-load-balancing-v2': 'elasticloadbalancing' },
  },
  {
    policy: 'secrets',
    sources: 'src/secrets/sources/*.ts',
    services: { '@aws-sdk/client-secrets-manager': 'secretsmanager', '@aws-sdk/client-ssm': 'ssm' },
  },
  {
    policy: 'cloudwatch',
    sources: 'src/evidence/metrics/cloudwatch.ts',
    services: { '@aws-sdk/client-cloudwatch': 'cloudwatch' },
  },
];

/** Every call that a source makes: `new GetParameterCommand(…)`, `new sdk.AddTagsCommand(…)`, `sdk.paginateDescribeRules(…)`. */
function listCalls(source: string, services: Readonly<Record<string, string>>): string[] {
  const text = readFileSync(join(ROOT, source), 'utf8');
  const own = Object.entries(services).filter(([name]) => text.includes(name));
  const found = text.matchAll(/new (?:[\w.#]*sdk\.)?(\w+)Command\(|\bpaginate([A-Z]\w+)\(/g);
  const calls = [...found].map(([, sent, paged]) => sent ?? paged);
  if (calls.length === 0) return [];
  assert.equal(own.length, 1, `${source}: calls of which service?`);
  return calls.map((action) => `${own[0]?.[1]}:${action}`);
}

describe('the policies for workers on AWS', () => {
  for (const { policy, sources, services } of POLICIES) {
    it(`${policy}: allows every call in the sources, and no other`, () => {
      const calls = globSync(sources, { cwd: ROOT }).flatMap((source) => listCalls(source, services));
      const text = readFileSync(join(ROOT, `docs/aws/policies/${policy}.json`), 'utf8');
      const { Statement } = JSON.parse(text) as { Statement: [{ Action: string[] }] };
      assert.ok(calls.length > 0);
      assert.deepEqual([...new Set(calls)].sort(), Statement[0].Action);
    });
  }
});
