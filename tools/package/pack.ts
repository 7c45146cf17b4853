import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Packs the package in `folder` into a tarball in `destination`.
 * @returns the tarball's path
 */
export async function packPackage(folder: string, destination: string): Promise<string> {
  const args = ['pack', folder, '--pack-destination', destination, '--ignore-scripts', '--loglevel=error'];
  const { stdout } = await promisify(execFile)('npm', args);
  return join(destination, stdout.trim());
}
