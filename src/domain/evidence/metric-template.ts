import { formatRevisionName } from '../service/revision.ts';
import type { ServiceKey } from '../service/service.ts';
import type { EvidenceWindow } from './metrics.ts';

/**
 * What may stand in braces in a query, a URL or a command: what the revision is called, and the span that is asked about, as
 * a duration (`{window}`, such as `90s`) or by its ends (ISO 8601).
 */
export const PLACEHOLDERS = ['service', 'environment', 'revision', 'window', 'from', 'to'] as const;
type Placeholder = (typeof PLACEHOLDERS)[number];

/** What each of them stands for. */
export type TemplateWords = Readonly<Record<Placeholder, string>>;

/** The words of a revision over a window. */
export function listTemplateWords(
  { service, revision }: { service: ServiceKey; revision: number },
  { from, to }: EvidenceWindow,
): TemplateWords {
  // Nobody takes a span of nothing.
  const seconds = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const { name, environment } = service;
  return { service: name, environment, revision: formatRevisionName(revision), window: `${seconds}s`, from, to };
}

/**
 * A template with its words in place. Other braces stay as they are: queries are full of them.
 * @param encode how a word has to be written there
 */
export function fillTemplate(
  template: string,
  words: Readonly<Partial<TemplateWords>>,
  encode: (word: string) => string = (word) => word,
): string {
  return template.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => {
    const word = Object.hasOwn(words, name) ? words[name as Placeholder] : undefined;
    return word === undefined ? whole : encode(word);
  });
}

/** Names in braces that stand for nothing, where nothing else can be meant by a name in braces. */
export function findUnknownPlaceholders(template: string): string[] {
  const names = [...template.matchAll(/\{([A-Za-z_]+)\}/g)].map(([, name = '']) => name);
  return names.filter((name) => !PLACEHOLDERS.some((known) => known === name));
}
