import type { JsonObject } from '../../src/domain/json.ts';
import type { Fault } from '../../src/stacks/blueprint.ts';

/**
 * `blueprint.config` of a service on `local-process`, complete with defaults. In `command`, `args` and `env`, `{host}`
 * and `{port}` stand for where the process must listen; HOST and PORT say the same.
 */
export interface LocalProcessConfig {
  /** Program and first arguments, run in the revision's folder. The artifact's own program unless told. */
  command?: string[];
  /** Further arguments. None unless told. */
  args: string[];
  /** Recorded in the clear: secrets belong into `passEnv`. */
  env: Record<string, string>;
  /** Variables of the worker that are handed on, by name. Their values are recorded nowhere. */
  passEnv: string[];
  /** How many processes, each with a port of its own. 1 unless told. */
  processes: number;
  /** From `startTimeout`: until when a process must listen. 30 s unless told. */
  startTimeoutMs: number;
  /** From `stopGrace`: between SIGTERM and SIGKILL. 10 s unless told. */
  stopGraceMs: number;
}

const MOST_PROCESSES = 64;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Set by the provider for every process; a config that set them too would contradict the recorded port. */
const RESERVED = new Set(['PORT', 'HOST', 'SUPPLANT_PROCESS']);
const DEFAULTS = { startTimeout: '30s', stopGrace: '10s', processes: 1 };
const KEYS = ['command', 'args', 'env', 'passEnv', 'processes', 'startTimeout', 'stopGrace'];

/** Reads a config and reports all its faults; the result is only usable when there are none. */
export function readConfig(raw: JsonObject): { config: LocalProcessConfig; faults: Fault[] } {
  const reader = new Reader(raw);
  const command = reader.words('command');
  if (command?.length === 0) reader.fault('command', 'is empty; name the program to run, or leave it out');
  const config: LocalProcessConfig = {
    ...(command === undefined ? {} : { command }),
    args: reader.words('args') ?? [],
    env: reader.env(),
    passEnv: reader.names('passEnv'),
    processes: reader.count('processes', DEFAULTS.processes, MOST_PROCESSES),
    startTimeoutMs: reader.duration('startTimeout', DEFAULTS.startTimeout),
    stopGraceMs: reader.duration('stopGrace', DEFAULTS.stopGrace),
  };
  reader.refuseOthers(KEYS);
  return { config, faults: reader.faults };
}

class Reader {
  readonly faults: Fault[] = [];
  readonly #raw: JsonObject;

  constructor(raw: JsonObject) {
    this.#raw = raw;
  }

  fault(path: string, message: string): void {
    this.faults.push({ path: `blueprint.config.${path}`, message });
  }

  words(key: string): string[] | undefined {
    const value = this.#raw[key];
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) {
      this.fault(key, 'must be a list of strings');
      return undefined;
    }
    value.forEach((word, index) => {
      if (typeof word !== 'string') this.fault(`${key}[${index}]`, 'must be a string; put numbers in quotes');
      else if (word.includes('\0')) this.fault(`${key}[${index}]`, 'must not contain a NUL character');
    });
    return value.filter((word) => typeof word === 'string');
  }

  names(key: string): string[] {
    const names = this.words(key) ?? [];
    names.forEach((name, index) => this.#variable(`${key}[${index}]`, name));
    return names;
  }

  env(): Record<string, string> {
    const value = this.#raw.env ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault('env', 'must map variable names to strings');
      return {};
    }
    const env: Record<string, string> = {};
    for (const [name, text] of Object.entries(value)) {
      this.#variable(`env.${name}`, name);
      if (typeof text === 'string' && !text.includes('\0')) env[name] = text;
      else this.fault(`env.${name}`, 'must be a string without NUL; put numbers and booleans in quotes');
    }
    return env;
  }

  count(key: string, missing: number, most: number): number {
    const value = this.#raw[key] ?? missing;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    this.fault(key, `must be a whole number from 1 to ${most}`);
    return missing;
  }

  duration(key: string, missing: string): number {
    const value = this.#raw[key] ?? missing;
    const match = typeof value === 'string' ? /^(\d{1,6})(ms|s|m)$/.exec(value) : null;
    if (match) return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as 'ms' | 's' | 'm'];
    this.fault(key, 'must be a duration such as 500ms, 30s or 2m');
    return 0;
  }

  refuseOthers(known: readonly string[]): void {
    for (const key of Object.keys(this.#raw)) {
      if (!known.includes(key)) this.fault(key, `is not known here; known are ${known.join(', ')}`);
    }
  }

  #variable(path: string, name: string): void {
    if (!VARIABLE.test(name)) this.fault(path, `'${name}' is not a variable name; use letters, digits and _`);
    else if (RESERVED.has(name)) this.fault(path, `${name} is set by the blueprint; use another name`);
  }
}
