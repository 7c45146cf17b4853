import { isAbsolute } from 'node:path';

/** What a revision runs, as written in a service: `npm:http-server@14.1.1`, `dir:/srv/web`, `cmd:node server.mjs`. */
export type ArtifactRef =
  | { kind: 'npm'; name: string; version: string }
  | { kind: 'dir'; path: string; sha256?: string }
  | { kind: 'cmd'; line: string };

/** Either the reference, or what is wrong with the text and what would be right. */
export type ParsedArtifact = { ref: ArtifactRef } | { fault: string };

const FORMS = 'npm:NAME@VERSION, dir:/ABSOLUTE/FOLDER or cmd:COMMAND LINE';
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** The official pattern of semver.org, version 2.0.0, without groups. */
const EXACT_VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

export function parseArtifact(text: string): ParsedArtifact {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? '' : text.slice(0, colon)) {
    case 'npm':
      return parseNpm(rest);
    case 'dir':
      return parseDir(rest);
    case 'cmd':
      return rest.trim() === '' || rest.includes('\0')
        ? { fault: 'names no command; write it after cmd:, for instance cmd:node server.mjs' }
        : { ref: { kind: 'cmd', line: rest.trim() } };
    default:
      return { fault: `'${text}' is not an artifact of this blueprint; use ${FORMS}` };
  }
}

function parseNpm(text: string): ParsedArtifact {
  const at = text.lastIndexOf('@');
  const name = at > 0 ? text.slice(0, at) : text;
  const version = at > 0 ? text.slice(at + 1) : '';
  if (!PACKAGE_NAME.test(name)) return { fault: `'${name}' is not an npm package name; use npm:NAME@VERSION` };
  if (EXACT_VERSION.test(version)) return { ref: { kind: 'npm', name, version } };
  const given = version === '' ? 'no version is given' : `'${version}' is a range or tag`;
  return {
    fault: `${given}, and a revision never changes: use an exact version, npm:${name}@1.2.3 (npm view ${name} version shows the newest)`,
  };
}

function parseDir(text: string): ParsedArtifact {
  const [path = '', pin, ...more] = text.split('#');
  if (!isAbsolute(path)) return { fault: `'${path}' is not an absolute path; use dir:/ABSOLUTE/FOLDER` };
  if (pin === undefined) return { ref: { kind: 'dir', path } };
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(pin)?.[1];
  if (sha256 === undefined || more.length > 0) {
    return { fault: `'#${[pin, ...more].join('#')}' is not a digest; use dir:/ABSOLUTE/FOLDER#sha256:<64 hex digits>` };
  }
  return { ref: { kind: 'dir', path, sha256 } };
}
