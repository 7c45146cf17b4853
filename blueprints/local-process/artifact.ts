import { isAbsolute } from 'node:path';

/**
 * What a revision runs, as recorded in a service: `npm:http-server@14.1.1`, `dir:/srv/web` or `/srv/web`,
 * `cmd:node server.mjs#dir:/srv/web`, or `command` for a configured command without any files. Whoever wrote a relative
 * folder has made it absolute.
 */
export type ArtifactRef =
  /** `program` is one of the package's; its own by default. */
  | { kind: 'npm'; name: string; version: string; program?: string }
  | { kind: 'dir'; path: string; sha256?: string }
  /** Both run in `folder`, which is not copied, or in an empty one of the revision's own. */
  | { kind: 'cmd'; line: string; folder?: string }
  | { kind: 'none'; folder?: string };

/** Either the reference, or what is wrong with the text and what would be right. */
export type ParsedArtifact = { ref: ArtifactRef } | { fault: string };

const FORMS = 'npm:NAME@VERSION, dir:FOLDER (or ./FOLDER), cmd:COMMAND LINE or command';
/**
 * As npm has always taken them: old packages have capitals. A hyphen first would be an option on npm's command line, a
 * colon or a slash without a scope an address, and `.tgz` a file.
 */
const PACKAGE_NAME = /^(?:@[A-Za-z0-9~][\w.~-]*\/)?[A-Za-z0-9~][\w.~-]*$/;
const NO_PACKAGE = /\.(?:tgz|tar\.gz|tar)$|^(?:node_modules|favicon\.ico)$/i;
/** Characters; npm's own limit. */
const LONGEST_NAME = 214;
/** The official pattern of semver.org, version 2.0.0, without groups. */
const EXACT_VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

export function parseArtifact(text: string): ParsedArtifact {
  if (text.includes('\0')) return { fault: 'holds a NUL character; leave it out' };
  if (text === 'command') return { ref: { kind: 'none' } };
  if (text.startsWith('command#dir:')) return parseCommand(text, (folder) => ({ kind: 'none', ...folder }));
  if (/^\.{0,2}\/|^\.{1,2}$/.test(text)) return parseDir(text);
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? '' : text.slice(0, colon)) {
    case 'npm':
      return parseNpm(rest);
    case 'dir':
      return parseDir(rest);
    case 'cmd':
      return parseCommand(rest, (folder, line) => ({ kind: 'cmd', line, ...folder }));
    default:
      return { fault: `'${text}' is not an artifact of this blueprint; use ${FORMS}` };
  }
}

function parseNpm(text: string): ParsedArtifact {
  const [spec = '', ...rest] = text.split('#');
  const program = text.includes('#') ? rest.join('#') : undefined;
  const at = spec.lastIndexOf('@');
  const name = at > 0 ? spec.slice(0, at) : spec;
  const version = at > 0 ? spec.slice(at + 1) : '';
  if (!PACKAGE_NAME.test(name) || NO_PACKAGE.test(name) || name.length > LONGEST_NAME) {
    return { fault: `'${name}' is not an npm package name; use npm:NAME@VERSION` };
  }
  if (program !== undefined && !/^[^\s/]+$/.test(program)) {
    return { fault: `'#${program}' names no program of the package; use npm:${spec}#PROGRAM` };
  }
  if (EXACT_VERSION.test(version)) {
    return { ref: { kind: 'npm', name, version, ...(program === undefined ? {} : { program }) } };
  }
  const given = version === '' ? 'no version is given' : `'${version}' is a range or tag`;
  return {
    fault: `${given}, and a revision never changes: use an exact version, npm:${name}@1.2.3 (npm view ${name} version shows the newest)`,
  };
}

/** A folder's own name may hold a `#`: only what begins like a digest is one. */
function parseDir(text: string): ParsedArtifact {
  const [, path = '', pin] = /^(.*?)(#sha256:.*)?$/s.exec(text) ?? [];
  if (path === '') return { fault: 'names no folder; use dir:FOLDER' };
  if (!isAbsolute(path)) return { fault: relative(path, 'dir:') };
  if (pin === undefined) return { ref: { kind: 'dir', path } };
  const sha256 = /^#sha256:([0-9a-f]{64})$/.exec(pin)?.[1];
  return sha256 === undefined
    ? { fault: `'${pin}' is not a digest; use dir:FOLDER#sha256:<64 hex digits>` }
    : { ref: { kind: 'dir', path, sha256 } };
}

function parseCommand(text: string, make: (folder: { folder?: string }, line: string) => ArtifactRef): ParsedArtifact {
  const [, line = '', folder] = /^(.*?)(?:#dir:(.*))?$/s.exec(text) ?? [];
  if (line.trim() === '') return { fault: 'names no command; write it after cmd:, for instance cmd:node server.mjs' };
  if (folder === undefined) return { ref: make({}, line.trim()) };
  if (folder === '') return { fault: `names no folder after #dir:; use cmd:${line.trim()}#dir:FOLDER` };
  return isAbsolute(folder) ? { ref: make({ folder }, line.trim()) } : { fault: relative(folder, '…#dir:') };
}

function relative(path: string, before: string): string {
  return `'${path}' is a relative path, and nobody knows here what it counts from; use ${before}/ABSOLUTE/FOLDER`;
}
