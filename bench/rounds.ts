import { loadavg } from 'node:os';
import { median } from './result.ts';

/** One way to do the same work; told the round's number, from 1. */
export type Contender = (round: number) => Promise<void>;

/**
 * Lets contenders do the same work in turn, so that whatever else the machine does meets all of them, and each goes
 * first equally often. Returns each one's times in milliseconds.
 */
export async function takeTurns<Name extends string>(
  contenders: Record<Name, Contender>,
  { rounds, first = 1 }: { rounds: number; first?: number },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contenders) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const began = performance.now();
      await contenders[name](first + round);
      times[name].push(performance.now() - began);
    }
    const latest = names.map((name) => `${name} ${inSeconds(times[name].at(-1) ?? 0)}`);
    console.log(`round ${round + 1}: ${latest.join(', ')} (load ${machineLoad()})`);
  }
  return times;
}

export function describeTimes(name: string, times: readonly number[]): string {
  return `${name}: median ${inSeconds(median(times))}, ${inSeconds(Math.min(...times))} to ${inSeconds(Math.max(...times))}`;
}

export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** What else the machine is doing decides what a figure is worth: the load average of the last minute. */
export function machineLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
