import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readResults } from './results.ts';

export const USAGE = `usage: npm run chaos -- [--runs N] [--seed S] [--jobs J] [--minutes M] [--results FILE]
                         [--keep] [--confirm] [--world local|aws|experiments|fleet]
       npm run chaos -- --world experiments --storm N [--seed S]
       npm run chaos -- --report [--results FILE] [--world local|aws|experiments|fleet]

  --runs N        how many runs (1); run i has the seed S + i
  --seed S        the first seed; a random one unless told. One seed makes one plan
  --jobs J        how many runs at once (2), each with everything of its own
  --minutes M     begins no further run after this long
  --world W       local (rollouts on this machine), aws: the AWS blueprints, on emulators, experiments (local),
                  or fleet: workers on several machines, made of namespaces; as root only
  --storm N       of experiments: N short ones in one installation instead, while it is struck again and again
  --results FILE  each run's result is added there as a line of JSON (.chaos/results.jsonl, .chaos/aws.jsonl,
                  .chaos/experiments.jsonl, .chaos/fleet.jsonl)
  --keep          of local and fleet: results are added to those in the repository, test/chaos/kept/WORLD.jsonl, and the
                  first seed is the one after theirs unless told
  --confirm       seeds with a finding are run once more, and the exit code is 1 only if one has a finding again
  --report        writes docs/chaos.md, or docs/chaos-WORLD.md, from the results that are kept,
                  else from those above, and prints it`;

const WORLDS = ['local', 'aws', 'experiments', 'fleet'] as const;
type WorldName = (typeof WORLDS)[number];

const RESULTS: Record<WorldName, string> = {
  local: '.chaos/results.jsonl',
  aws: '.chaos/aws.jsonl',
  experiments: '.chaos/experiments.jsonl',
  fleet: '.chaos/fleet.jsonl',
};

const KEPT: Partial<Record<WorldName, string>> = { local: locateKept('local'), fleet: locateKept('fleet') };

function locateKept(world: WorldName): string {
  return fileURLToPath(new URL(`kept/${world}.jsonl`, import.meta.url));
}

export interface ChaosOptions {
  report: boolean;
  confirm: boolean;
  world: WorldName;
  runs: number;
  seed: number;
  jobs: number;
  /** How many experiments; 0 for no storm. */
  storm: number;
  minutes: number;
  results: string;
}

/** Those of earlier sessions, whose seeds are not run again. */
function findNextSeed(path: string): number {
  if (!existsSync(path)) return 1;
  return Math.max(0, ...readResults<{ seed: number }>(path).map(({ seed }) => seed)) + 1;
}

/** @throws Error with everything that is wrong, and the usage */
export function parseOptions(args: string[]): ChaosOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        ...{ runs: text, seed: text, jobs: text, minutes: text, results: text, world: text, storm: text },
        ...{ confirm: flag, report: flag, keep: flag },
      },
    }));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${USAGE}`, { cause: error });
  }
  const faults: string[] = [];
  const count = (name: string, missing: number, least = 1): number => {
    const value = Number(values[name] ?? missing);
    if (Number.isSafeInteger(value) && value >= least) return value;
    faults.push(`--${name} takes a whole number from ${least}, not ${String(values[name])}`);
    return missing;
  };
  const wanted = values.world ?? 'local';
  const world = WORLDS.find((name) => name === wanted);
  if (!world) faults.push(`--world takes ${WORLDS.join(', ')}, not ${String(wanted)}`);
  const kept = KEPT[world ?? 'local'];
  if (values.keep === true && kept === undefined) faults.push('--keep is for --world local or fleet');
  const isKept = values.keep === true || (values.report === true && kept !== undefined && existsSync(kept));
  const usual = isKept ? kept : undefined;
  const next = values.keep === true && kept !== undefined ? findNextSeed(kept) : undefined;
  const options: ChaosOptions = {
    report: values.report === true,
    confirm: values.confirm === true,
    world: world ?? 'local',
    runs: count('runs', 1),
    seed: count('seed', next ?? Math.floor(Math.random() * 1_000_000), 0),
    jobs: count('jobs', 2),
    storm: count('storm', 0, 0),
    minutes: count('minutes', 24 * 60),
    results: typeof values.results === 'string' ? values.results : (usual ?? RESULTS[world ?? 'local']),
  };
  if (options.storm > 0 && world !== 'experiments') faults.push('--storm is for --world experiments');
  if (faults.length > 0) throw new Error(`${faults.join('\n')}\n\n${USAGE}`);
  return options;
}
