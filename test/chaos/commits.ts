import { execFileSync } from 'node:child_process';

/** What is reported is no part of what was run: results that are kept, and pages. */
const NOT_RUN = [':(top,exclude)docs', ':(top,exclude)test/chaos/kept', ':(top,exclude)*.md'];

/** The commit that the sources are at, with `-dirty` behind it where they differ from it. */
export function readCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const commit = git('describe', '--always');
  return git('status', '--porcelain', '--', ':/', ...NOT_RUN) === '' ? commit : `${commit}-dirty`;
}
