import { isAbsolute, resolve } from 'node:path';

/**
 * Where an artifact's text names a folder: `dir:FOLDER` (with or without the digest that pins it) and its short forms
 * `./app` and `/srv/app`; `cmd:LINE#dir:FOLDER` and `command#dir:FOLDER` for the folder that a command runs in.
 */
interface FolderPart {
  before: string;
  folder: string;
  after: string;
}

/**
 * The artifact with its folder absolute, counted from where its text was written. Who carries a rollout out stands
 * elsewhere, on another machine perhaps. A command that names no folder runs in this one.
 */
export function anchorArtifact(artifact: string, base: string): string {
  const part = folderPart(artifact);
  if (part) return `${part.before}${resolve(base, part.folder)}${part.after}`;
  return artifact === 'command' || artifact.startsWith('cmd:') ? `${artifact}#dir:${base}` : artifact;
}

/** The folder of an artifact that only means something to who knows where its text was written. */
export function relativeFolder(artifact: string): string | undefined {
  const folder = folderPart(artifact)?.folder;
  return folder === undefined || isAbsolute(folder) ? undefined : folder;
}

/** What to say of one where that is not known. */
export const ABSOLUTE_WANTED = 'a folder by its absolute path, such as dir:/srv/app';

function folderPart(artifact: string): FolderPart | undefined {
  if (/^\.{0,2}\/|^\.{1,2}$/.test(artifact)) return { before: 'dir:', folder: artifact, after: '' };
  const [, folder, pin] = /^dir:(.+?)(#sha256:.*)?$/s.exec(artifact) ?? [];
  if (folder !== undefined) return { before: 'dir:', folder, after: pin ?? '' };
  const [, command, where] = /^((?:cmd:.*?|command)#dir:)(.+)$/s.exec(artifact) ?? [];
  return command !== undefined && where !== undefined ? { before: command, folder: where, after: '' } : undefined;
}
