import { resolve } from 'node:path';

/**
 * What a revision runs, as written in a service: `npm:http-server@14.1.1`, `dir:/srv/web` or `./web`,
 * `cmd:node server.mjs`, or `command` for a configured command without any files.
 */
export type ArtifactRef =
  | { kind: 'npm'; name: string; version: string }
  | { kind: 'dir'; path: string; sha256?: string }
  | { kind: 'cmd'; line: string }
  | { kind: 'none' };

/** Either the reference, or what is wrong with the text and what would be right. */
export type ParsedArtifact = { ref: ArtifactRef } | { fault: string };

const FORMS = 'npm:NAME@VERSION, dir:FOLDER (or ./FOLDER), cmd:COMMAND LINE or command';
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
/** The official pattern of semver.org, version 2.0.0, without groups. */
const EXACT_VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

/** A relative folder counts from the worker's working folder: a client on another machine must make it absolute. */
export function parseArtifact(text: string): ParsedArtifact {
  if (text === 'command') return { ref: { kind: 'none' } };
  if (/^\.{0,2}\//.test(text)) return parseDir(text);
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
  if (path === '') return { fault: 'names no folder; use dir:FOLDER' };
  if (pin === undefined) return { ref: { kind: 'dir', path: resolve(path) } };
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(pin)?.[1];
  if (sha256 === undefined || more.length > 0) {
    return { fault: `'#${[pin, ...more].join('#')}' is not a digest; use dir:FOLDER#sha256:<64 hex digits>` };
  }
  return { ref: { kind: 'dir', path: resolve(path), sha256 } };
}
