import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveDataFolder } from '../../data-folder.ts';
import { examine, type Examined } from '../../doctor/examine.ts';
import { readSecret } from '../../secrets/secrets.ts';
import { listBlueprintModules, loadBlueprints } from '../../stacks/pulumi/blueprint-modules.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { readManifestFile } from '../manifest-file.ts';
import type { Session } from '../session.ts';
import type { Frame } from '../views/frame.ts';
import { type Line, line, span, wrapSentence } from '../views/text.ts';

export interface DoctorOptions {
  file?: string;
  blueprint?: string[];
  /** Of `--live`, which is another command in all but name. */
  vpc?: string;
  yes: boolean;
}

/** Looks into what a first deployment needs, changes nothing, and says what to do about what is missing. */
export async function doctor(session: Session, options: DoctorOptions): Promise<number> {
  if (options.vpc !== undefined || options.yes) {
    throw new UsageError('--vpc and --yes are for what is tried with real things', { suggestion: 'add --live' });
  }
  const { context, dataDir, terminal } = session;
  const spec = options.file === undefined ? undefined : await readManifestFile(context, options.file);
  const modules = (options.blueprint ?? []).map((path) => resolve(context.workingDirectory, path));
  const scratch = await mkdtemp(join(tmpdir(), 'supplant-doctor-'));
  try {
    const host = { dataDir: scratch, supervise: false, readSecret, log: () => undefined };
    const registry = await loadBlueprints(listBlueprintModules(modules), host);
    const examined = await examine({
      folder: resolveDataFolder(dataDir),
      env: context.env,
      blueprints: registry.all(),
      ...(spec ? { spec } : {}),
    });
    await Promise.all(registry.all().map(async (blueprint) => blueprint.close()));
    terminal.result('doctor', { examined }, (frame) => doctorLines(examined, frame));
    return isWell(examined) ? EXIT.ok.code : EXIT.usage.code;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function isWell(examined: readonly Examined[]): boolean {
  return examined.every(({ findings }) => findings.every(({ state }) => state !== 'bad'));
}

const WORDS = { good: 'ok', unsure: 'look', bad: 'bad' } as const;
const TONES = { good: 'good', unsure: 'busy', bad: 'bad' } as const;
const INDENT = '      ';

/** One line for each finding, and below it what to do. */
export function doctorLines(examined: readonly Examined[], { width }: Pick<Frame, 'width'>): Line[] {
  return examined.flatMap(({ name, findings }) =>
    findings.flatMap(({ state, text, todo }) => {
      const [first = [], ...more] = wrapSentence(`${name}: ${text}`, width - INDENT.length);
      return [
        line(span(WORDS[state].padEnd(INDENT.length), TONES[state]), ...first),
        ...more.map((rest) => line(INDENT, ...rest)),
        ...(todo === undefined ? [] : wrapSentence(todo, width, { tone: 'accent', indent: INDENT })),
      ];
    }),
  );
}
