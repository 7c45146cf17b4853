import type { SecretSource } from '../source.ts';

/** Variables of the worker. They change when it is started again. */
export const environment: SecretSource = {
  async check(name) {
    const value = process.env[name];
    if (value === undefined) return `the variable ${name} is not set in the worker's environment`;
    return value === '' ? `the variable ${name} is empty in the worker's environment` : undefined;
  },
  async read(name) {
    const fault = await environment.check?.(name);
    if (fault !== undefined) throw new Error(fault);
    return process.env[name] ?? '';
  },
};
