/** Names a part of `supplant dev` and its data folder in the environment; not in that of what a part starts. */
const VARIABLE = 'SUPPLANT_PART';

export function createPartMark(root: string, name: string): Record<string, string> {
  return { [VARIABLE]: `${root}:${name}` };
}

/** What a part starts is none: it may have to outlive it. */
export function removePartMark(env: NodeJS.ProcessEnv): void {
  Reflect.deleteProperty(env, VARIABLE);
}

/** The name of the part, where a variable (`NAME=value`) is the mark of one on this data folder. */
export function readPartMark(root: string, variable: string): string | undefined {
  const start = `${VARIABLE}=${root}:`;
  return variable.startsWith(start) ? variable.slice(start.length) : undefined;
}
