/** How much of what a program prints is kept: this many files of this many bytes, the newest without a number. */
export const LOG_FILES = 4;
export const LOG_FILE_BYTES = 8 * 1024 * 1024;

/** The names of a log's files, newest first: `p1.log`, `p1.log.1`, … */
export function listLogFiles(path: string): string[] {
  return [path, ...Array.from({ length: LOG_FILES - 1 }, (_, index) => `${path}.${index + 1}`)];
}
