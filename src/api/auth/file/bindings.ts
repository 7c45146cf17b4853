import { ACCESS_TABLE, ACCESS_VERBS, type AccessVerb, type Binding, type Role, ROLES } from '../../../domain/access.ts';
import type { Reader, Spot } from '../../../manifest/reader.ts';
import { nearest } from '../../../manifest/nearest.ts';
import type { AccessConfig } from '../config.ts';

type Ways = Pick<AccessConfig, 'tokens' | 'jwt' | 'certificates'>;

/** A name and an environment, each with `*` for any characters. */
export const SERVICE_PATTERN = /^[a-z0-9*-]{1,80}\/[a-z0-9*-]{1,80}$/;
export const SERVICE_PATTERN_WANTED =
  "a name and an environment, with * for any characters, such as 'web/*' or '*/production'";
const SUBJECT = /^(?:\*|(?:token|jwt|group|certificate):.{1,256})$/;
const SUBJECT_WANTED = "token:NAME, jwt:NAME, group:NAME, certificate:NAME (with * for any characters), or '*'";

/** The `bindings` of an access file. */
export function readBindings(reader: Reader, spot: Spot, ways: Ways): Binding[] {
  const items = reader.items(spot, 'a list of bindings');
  if (items?.length === 0)
    reader.fault(spot, 'at least one binding; without one nobody may do anything', 'an empty list');
  return (items ?? []).map((item) => readBinding(reader, item, ways));
}

/** A list of patterns of services. */
export function readServices(reader: Reader, spot: Spot): string[] {
  return readList(reader, spot, SERVICE_PATTERN_WANTED, (item) =>
    reader.text(item, SERVICE_PATTERN_WANTED, SERVICE_PATTERN),
  );
}

function readBinding(reader: Reader, spot: Spot, ways: Ways): Binding {
  const { subjects, role, services, verbs } = reader.fields(spot, ['subjects', 'role', 'services', 'verbs']);
  if (!subjects) reader.missing(spot, 'subjects', `a list of ${SUBJECT_WANTED}`);
  if (!role) reader.missing(spot, 'role', `one of ${ROLES.join(', ')}`);
  if (!services) reader.missing(spot, 'services', `a list of ${SERVICE_PATTERN_WANTED}`);
  const known = role && reader.word(role, ROLES);
  const few = verbs && readVerbs(reader, verbs, known ?? undefined);
  return {
    subjects: subjects ? readList(reader, subjects, SUBJECT_WANTED, (item) => readSubject(reader, item, ways)) : [],
    role: known ?? 'viewer',
    services: services ? readServices(reader, services) : [],
    ...(few ? { verbs: few } : {}),
  };
}

function readVerbs(reader: Reader, spot: Spot, role: Role | undefined): AccessVerb[] {
  const verbs = ACCESS_VERBS.filter((verb) => role === undefined || ACCESS_TABLE[verb].includes(role));
  return readList(reader, spot, `some of ${verbs.join(', ')}`, (item) => reader.word(item, verbs));
}

function readSubject(reader: Reader, spot: Spot, ways: Ways): string | null {
  const subject = reader.text(spot, SUBJECT_WANTED, SUBJECT);
  const [kind, name] = subject?.split(/:(.*)/s) ?? [];
  const names = ways.tokens.map((token) => token.name).filter((known) => known !== '');
  if (kind === 'token' && name !== undefined && !name.includes('*') && !names.includes(name)) {
    const near = nearest(name, names)[0];
    const meant = near === undefined ? undefined : `token:${near}`;
    return reader.fault(spot, 'the name of one of the tokens above', undefined, meant);
  }
  if (kind === 'jwt' && !ways.jwt) return reader.fault(spot, 'jwt to be configured for this');
  if (kind === 'group' && !ways.jwt?.groupsClaim) return reader.fault(spot, 'jwt.groups to be configured for this');
  if (kind === 'certificate' && !ways.certificates) return reader.fault(spot, 'certificates to be configured for this');
  return subject;
}

function readList<Value>(reader: Reader, spot: Spot, wanted: string, read: (item: Spot) => Value | null): Value[] {
  const items = reader.items(spot, `a list of ${wanted}`);
  if (items?.length === 0) reader.fault(spot, wanted, 'an empty list');
  return (items ?? []).flatMap((item) => read(item) ?? []);
}
