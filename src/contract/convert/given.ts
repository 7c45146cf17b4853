type Given<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/** The object without what is undefined. */
export function omitUndefined<T extends object>(object: T): Given<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** What a message says of a text that may be absent: there, absent is empty. */
export function emptyToUndefined(text: string): string | undefined {
  return text === '' ? undefined : text;
}
