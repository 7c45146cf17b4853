/** Whether the contract in proto/ is well-formed and compatible, and what is generated from it is up to date. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const GENERATED = 'src/contract/gen';
/** Where npm put buf and the generator that it starts. */
const PATH = [resolve('node_modules/.bin'), process.env.PATH ?? ''].join(delimiter);

function buf(...args: string[]): boolean {
  try {
    execFileSync('buf', args, { stdio: 'inherit', env: { ...process.env, PATH } });
    return true;
  } catch {
    return false;
  }
}

function files(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Generated files that differ from what the contract gives now. */
function stale(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'supplant-proto-'));
  try {
    if (!buf('generate', '-o', folder)) return ['(buf generate failed)'];
    const [wanted, found] = [files(join(folder, GENERATED)), files(GENERATED)];
    const names = new Set([...wanted.keys(), ...found.keys()]);
    return [...names].filter((name) => wanted.get(name) !== found.get(name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const sound = [
  buf('lint'),
  buf('format', '--diff', '--exit-code', '--path', 'proto/supplant'),
  // What was published once stays; the baseline is written anew with `npm run proto:baseline`, in a commit of its own.
  buf('breaking', '--against', 'proto/baseline.binpb'),
].every(Boolean);
const outdated = stale();
for (const name of outdated) console.error(`${GENERATED}/${name} is not what proto/ gives: npm run proto`);
process.exitCode = sound && outdated.length === 0 ? 0 : 1;
