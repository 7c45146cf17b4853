/**
 * `npm run package [-- FOLDER]`: builds the npm package into FOLDER (`.package` unless told) and packs it there. The last
 * line is the tarball's path.
 */
import { join, resolve } from 'node:path';
import { buildPackage } from './build.ts';
import { packPackage } from './pack.ts';

const root = join(import.meta.dirname, '../..');
const folder = resolve(process.argv[2] ?? join(root, '.package'));
await buildPackage(root, join(folder, 'supplant'));
console.log(await packPackage(join(folder, 'supplant'), folder));
