/** Has the SDKs of this process find an account by their standard chain. Returns what puts the environment back. */
export function enterAwsEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  Object.assign(process.env, env);
  return () => {
    for (const name of Object.keys(env)) {
      const value = before[name];
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
