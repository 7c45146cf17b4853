import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { AccessConfig } from '../../../../src/gateway/auth/config.ts';
import { AccessFile } from '../../../../src/gateway/auth/file/access-file.ts';
import { parseAccess } from '../../../../src/gateway/auth/file/parse.ts';
import { createToken } from '../../../../src/gateway/auth/create-token.ts';
import { faultMessage } from '../../../../src/config/fault.ts';
import { Authority } from '../authority.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const { token, hash } = createToken({ name: 'ci', role: 'deployer' });
const noFile = (path: string): string => {
  throw new Error(`no ${path}`);
};

/** The faults of a text as a terminal shows them. */
function faults(text: string, readFile = noFile): string[] {
  const parsed = parseAccess(text, readFile);
  assert.ok(!parsed.ok, 'nothing was found wrong');
  return parsed.faults.map((fault) => `${fault.line}:${fault.column} ${fault.path}: ${faultMessage(fault)}`);
}

function config(text: string): AccessConfig {
  const parsed = parseAccess(text, noFile);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.faults.map(faultMessage).join('\n'));
  return parsed.config;
}

const HEAD = `apiVersion: supplant.dev/v1
kind: Access
`;
const BINDINGS = `bindings:
  - {subjects: ['*'], role: viewer, services: ['*/*']}
`;
const withToken = (line: string): string => `${HEAD}tokens:\n  - ${line}\n${BINDINGS}`;
const withJwt = (more: string): string =>
  `${HEAD}jwt:\n  issuer: https://id.example.com\n  audience: supplant\n  ${more}\n${BINDINGS}`;
const withBinding = (line: string): string => `${HEAD}tokens: [{name: ci, hash: ${hash}}]\nbindings:\n  - ${line}\n`;

describe('access files', () => {
  it('are read, complete with defaults', () => {
    const text = `${HEAD}tokens:
  - name: ci
    hash: ${hash}
    expires: 2031-06-30
jwt:
  issuer: https://id.example.com/
  audience: supplant
bindings:
  - subjects: [token:ci, 'jwt:*@example.com']
    role: deployer
    services: ['web/*', '*/staging']
    verbs: [view, deploy]
separateApprover: ['*/production']
`;
    assert.deepEqual(config(text), {
      tokens: [{ name: 'ci', hash, expires: new Date('2031-06-30T00:00:00Z') }],
      jwt: {
        issuer: 'https://id.example.com/',
        audience: ['supplant'],
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        subjectClaim: 'sub',
        clockToleranceMs: 30_000,
      },
      bindings: [
        {
          subjects: ['token:ci', 'jwt:*@example.com'],
          role: 'deployer',
          services: ['web/*', '*/staging'],
          verbs: ['view', 'deploy'],
        },
      ],
      separateApprover: ['*/production'],
    });
  });

  it('take all that the issuer needs', () => {
    const more = `audience: [supplant, gateway]
  jwks: http://127.0.0.1:8080/keys
  algorithms: [PS256]
  subject: email
  groups: teams
  clockTolerance: 5s`;
    assert.deepEqual(config(withJwt(more).replace('  audience: supplant\n', '')).jwt, {
      issuer: 'https://id.example.com',
      audience: ['supplant', 'gateway'],
      jwks: 'http://127.0.0.1:8080/keys',
      algorithms: ['PS256'],
      subjectClaim: 'email',
      groupsClaim: 'teams',
      clockToleranceMs: 5000,
    });
  });

  it('take what making a token says to write', () => {
    const { yaml, hash: made } = createToken({ name: 'ci', role: 'deployer', services: ['web/*'] });
    const written = config(HEAD + yaml);
    assert.deepEqual(written.tokens, [{ name: 'ci', hash: made }]);
    assert.deepEqual(written.bindings, [{ subjects: ['token:ci'], role: 'deployer', services: ['web/*'] }]);
  });

  it('tell all their faults at once, each with its place', () => {
    const text = `apiVersion: supplant.dev/v2
kind: Access
tokens:
  - name: CI
    hash: abc
  - hash: ${hash}
    expires: 2031-02-31
jwt:
  issuer: http://id.example.com
  algorithms: [HS256]
  clockTolerance: 1h
certificates:
  ca: missing.pem
  subject: cn
bindings:
  - subjects: [token:ic, alice]
    role: deploer
    services: [web]
  - role: viewer
seperateApprover: []
`;
    assert.deepEqual(faults(text), [
      "1:13 apiVersion: expected supplant.dev/v1, found 'supplant.dev/v2'; did you mean 'supplant.dev/v1'?",
      "4:11 tokens[0].name: expected a name of lower-case letters, digits and hyphens, at most 40, such as ci, found 'CI'",
      "5:11 tokens[0].hash: expected 'sha256:' and 64 hexadecimal digits, as supplant token create prints, found something else",
      '6:5 tokens[1].name: expected a name of lower-case letters, digits and hyphens, at most 40, such as ci, found nothing',
      "7:14 tokens[1].expires: expected a day or a time with its zone, such as 2027-06-30 or 2027-06-30T12:00:00Z, found '2031-02-31'",
      '9:3 jwt.audience: expected what tokens for this gateway have as aud, such as supplant, found nothing',
      '9:11 jwt.issuer: expected an https address (http on this machine only), found another address',
      "10:16 jwt.algorithms[0]: expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, found 'HS256'; did you mean 'RS256'?",
      "11:19 jwt.clockTolerance: expected a duration of at most 5m, such as 500ms or 10s, found '1h'",
      "13:7 certificates.ca: expected a PEM file with the certificates of the authorities that sign clients', found no readable file 'missing.pem'",
      "14:12 certificates.subject: expected one of common-name, dns, email, uri, found 'cn'",
      "16:16 bindings[0].subjects[0]: expected the name of one of the tokens above, found 'token:ic'",
      "16:26 bindings[0].subjects[1]: expected token:NAME, jwt:NAME, group:NAME, certificate:NAME (with * for any characters), or '*', found 'alice'",
      "17:11 bindings[0].role: expected one of viewer, deployer, approver, admin, found 'deploer'; did you mean 'deployer'?",
      "18:16 bindings[0].services[0]: expected a name and an environment, with * for any characters, such as 'web/*' or '*/production', found 'web'",
      "19:5 bindings[1].subjects: expected a list of token:NAME, jwt:NAME, group:NAME, certificate:NAME (with * for any characters), or '*', found nothing",
      "19:5 bindings[1].services: expected a list of a name and an environment, with * for any characters, such as 'web/*' or '*/production', found nothing",
      "20:1 seperateApprover: expected only apiVersion, kind, tokens, jwt, certificates, bindings, separateApprover here, found the unknown key 'seperateApprover'; did you mean 'separateApprover'?",
    ]);
  });

  const wrong: [string, string, RegExp][] = [
    ['nothing', '', /an empty file/],
    ['no way to tell callers', HEAD + BINDINGS, /a way to tell callers: tokens, jwt or certificates, found none/],
    ['no bindings', `${HEAD}tokens: [{name: ci, hash: ${hash}}]`, /bindings: expected bindings: who may do what/],
    ['empty bindings', `${HEAD}tokens: []\nbindings: []`, /without one nobody may do anything, found an empty list/],
    ['a name twice', withToken(`{name: ci, hash: ${hash}}\n  - {name: ci, hash: 1}`), /'ci' a second time/],
    ['a hash twice', withToken(`{name: a, hash: ${hash}}\n  - {name: b, hash: ${hash}}`), /same hash a second time/],
    ['a time without zone', withToken(`{name: a, hash: ${hash}, expires: 2031-01-01T10:00}`), /with its zone/],
    ['a month too many', withToken(`{name: a, hash: ${hash}, expires: 2031-13-01}`), /such as 2027-06-30/],
    ['no audience', withJwt('').replace('audience: supplant', 'audience: []'), /jwt.audience: .*an empty list/],
    ['no algorithm', withJwt('algorithms: []'), /at least one of RS256/],
    ['none as algorithm', withJwt('algorithms: [none]'), /found 'none'/],
    ['a password in an address', withJwt('jwks: https://a:hunter2@b.example/'), /found another address$/],
    [
      'a verb beyond the role',
      withBinding("{subjects: ['*'], role: viewer, services: ['*/*'], verbs: [deploy]}"),
      /one of view, audit, found 'deploy'/,
    ],
    ['no verb', withBinding("{subjects: ['*'], role: viewer, services: ['*/*'], verbs: []}"), /found an empty list/],
    [
      'an issuer that is not there',
      withBinding("{subjects: ['jwt:*'], role: viewer, services: ['*/*']}"),
      /jwt to be configured/,
    ],
    ['groups of nobody', withBinding("{subjects: ['group:a'], role: viewer, services: ['*/*']}"), /jwt.groups to be/],
    [
      'certificates of nobody',
      withBinding("{subjects: ['certificate:a'], role: viewer, services: ['*/*']}"),
      /certificates to be/,
    ],
    ['a near miss', withBinding("{subjects: [token:cl], role: viewer, services: ['*/*']}"), /did you mean 'token:ci'/],
  ];
  for (const [what, text, message] of wrong) {
    it(`say so of ${what}`, () => assert.match(faults(text).join('\n'), message));
  }

  it('never show a token that was written where its hash belongs', () => {
    const shown = faults(withToken(`{name: ci, hash: ${token}}`)).join('\n');
    assert.match(shown, /found the token itself, which should now be replaced/);
    assert.ok(!shown.includes(token.slice(9, 20)));
    assert.ok(!faults(withToken('{name: ci, hash: hunter2}')).join().includes('hunter2'));
    assert.ok(!faults(withJwt('jwks: https://a:hunter2@b.example/')).join().includes('hunter2'));
  });

  it('whatever they hold, are read or refused with places in them', () => {
    const word = fc.constantFrom<unknown>(
      '*',
      '*/*',
      'token:ci',
      'viewer',
      'ci',
      hash,
      token,
      'RS256',
      7,
      null,
      true,
      '__proto__',
    );
    const key = fc.constantFrom(
      ...['tokens', 'jwt', 'certificates', 'bindings', 'separateApprover', 'name', 'hash', 'expires', 'issuer', 'ca'],
      ...['audience', 'algorithms', 'subjects', 'role', 'services', 'verbs', '__proto__', 'constructor'],
    );
    const { node } = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 6 }),
      ),
    }));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      node.map((value) => HEAD + stringify(value)),
    );
    const property = fc.property(text, (given) => {
      const parsed = parseAccess(given, noFile);
      if (parsed.ok) return;
      const lines = given.split('\n').length;
      assert.ok(parsed.faults.length > 0);
      for (const { line, column } of parsed.faults) assert.ok(line >= 1 && line <= lines && column >= 1);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('access files on disk', () => {
  let authority: Authority;
  before(async () => {
    authority = await Authority.make();
  });
  after(() => authority.remove());

  async function write(ca: string): Promise<string> {
    const file = join(authority.folder, 'access.yaml');
    await writeFile(file, `${HEAD}certificates:\n  ca: ${ca}\n${BINDINGS}`);
    return file;
  }

  it('name the authority beside them', async () => {
    const { certificates } = new AccessFile(await write('ca.pem')).load();
    assert.deepEqual(certificates, { ca: (await readFile(authority.file, 'utf8')).trim(), subject: 'common-name' });
  });

  it('are refused when that is no authority', async () => {
    const { cert, key } = await authority.sign('/CN=ci');
    await writeFile(join(authority.folder, 'leaf.pem'), cert);
    await writeFile(join(authority.folder, 'only.key'), key);
    await writeFile(join(authority.folder, 'broken.pem'), cert.replace(/\n\w{20}/, '\n'));
    const expected: [string, RegExp][] = [
      ['leaf.pem', /access\.yaml:4:7: certificates\.ca: .*certificate 1 in 'leaf.pem', which is not an authority's/],
      ['only.key', /found no certificate in 'only.key'/],
      ['broken.pem', /certificate 1 in 'broken.pem', which cannot be read/],
      ['none.pem', /no readable file 'none.pem'/],
    ];
    for (const [ca, message] of expected) {
      const path = await write(ca);
      assert.throws(() => new AccessFile(path).load(), { name: 'AccessConfigError', message });
    }
  });

  it('are refused when they are not there', async () => {
    const file = join(authority.folder, 'absent.yaml');
    assert.throws(() => new AccessFile(file).load(), {
      name: 'AccessConfigError',
      message: /absent.yaml cannot be read \(ENOENT\)/,
    });
  });
});
