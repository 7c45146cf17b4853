import type { JsonObject } from '../json.ts';

/** Shorter values are left as they are: `1`, `true` or `debug` are no secrets, and stand in every other word. */
export const SHORTEST_SECRET = 6;

/** A named value that must not be quoted anywhere. */
export interface Secret {
  /** The variable's name, which is shown in its place. */
  name: string;
  value: string;
}

/**
 * The values that a blueprint's config hands to its processes: those of `env`, and of the variables that `passEnv`
 * names.
 * @param environment where the latter come from: the worker's
 */
export function collectSecrets(
  config: JsonObject,
  environment: Readonly<Record<string, string | undefined>>,
): Secret[] {
  const { env, passEnv } = config;
  const own = typeof env === 'object' && env !== null && !Array.isArray(env) ? Object.entries(env) : [];
  const names = (Array.isArray(passEnv) ? passEnv : []).filter((name) => typeof name === 'string');
  const passed = names.map((name) => [name, environment[name]]);
  return [...own, ...passed].flatMap(([name, value]) =>
    typeof name === 'string' && typeof value === 'string' ? [{ name, value }] : [],
  );
}

/**
 * Replaces each secret in a text by its variable's name, `[env TOKEN]`: as it is, as it stands in JSON, in a URL, in
 * base64 at any offset, in hexadecimal, and each of its lines where it has several. Parts of a value are not recognised,
 * nor what a program has made of it otherwise.
 */
export function createRedactor(secrets: readonly Secret[]): (text: string) => string {
  const shown = new Map<string, string>();
  for (const { name, value } of secrets) {
    for (const form of formsOf(value)) if (!shown.has(form)) shown.set(form, `[env ${name}]`);
  }
  if (shown.size === 0) return (text) => text;
  // The longest first, so that no part of one is taken for a shorter one.
  const forms = [...shown.keys()].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(forms.map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, (found) => shown.get(found) ?? '');
}

function formsOf(value: string): Set<string> {
  const wholes = [value, value.trim(), ...value.split(/\r?\n/).map((line) => line.trim())];
  const forms = wholes.flatMap((whole) => {
    if (whole.length < SHORTEST_SECRET) return [];
    const inUrl = encodeURIComponent(whole.toWellFormed());
    const lower = inUrl.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
    const inForm = inUrl.replaceAll('%20', '+');
    const hex = Array.from(utf8(whole), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    return [
      whole,
      inJson(whole),
      inUrl,
      lower,
      inForm,
      encodeURI(whole.toWellFormed()),
      ...inBase64(whole),
      hex,
      hex.toUpperCase(),
    ];
  });
  return new Set(forms.filter((form) => form.length >= SHORTEST_SECRET));
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * What base64 makes of a text that stands somewhere in what was encoded (`user:TOKEN` in an Authorization header): at each
 * of the three offsets, without the characters that its neighbours have a part in.
 */
function inBase64(text: string): string[] {
  const bytes = utf8(text);
  const inner = [0, 1, 2].map((offset) => {
    const encoded = btoa('\0'.repeat(offset) + bytes).replaceAll('=', '');
    const first = [0, 2, 3][offset] ?? 0;
    const isWhole = (offset + bytes.length) % 3 === 0;
    return encoded.slice(first, isWhole ? undefined : -1);
  });
  const whole = btoa(bytes);
  const all = [whole, whole.replaceAll('=', ''), ...inner];
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** A character for each byte of a text in UTF-8. */
function utf8(text: string): string {
  const escaped = encodeURIComponent(text.toWellFormed());
  return escaped.replaceAll(/%([0-9A-F]{2})/g, (_code, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
