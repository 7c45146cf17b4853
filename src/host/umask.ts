/** What the user's own umask was, for the programs of theirs that are started. */
const VARIABLE = 'SUPPLANT_USER_UMASK';

/** Whatever this process and what it starts make from now on is for their user alone. */
export function keepFilesPrivate(): void {
  const before = process.umask(0o077);
  process.env[VARIABLE] ??= before.toString(8);
}

/** The umask, in octal digits, that the user has set for programs; undefined where it was never changed. */
export function readUserUmask(): string | undefined {
  const text = process.env[VARIABLE];
  return text !== undefined && /^[0-7]{1,4}$/.test(text) ? text : undefined;
}
