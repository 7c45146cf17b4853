import { distance } from 'fastest-levenshtein';

/** The words most like `given`, best first; none where nothing is near enough to have been meant. */
export function nearest(given: string, known: readonly string[], most = 1): string[] {
  const wanted = given.slice(0, LONGEST).toLowerCase();
  return known
    .map((word) => ({ word, edits: editsBetween(wanted, word.toLowerCase()) }))
    .filter(({ word, edits }) => edits <= tolerated(word))
    .sort((one, other) => one.edits - other.edits)
    .slice(0, most)
    .map(({ word }) => word);
}

/** Longer words are not typed by mistake for a known one, and comparing is quadratic. */
const LONGEST = 100;

/** Mistypings allowed: one in three letters. More, and short words would be near any other. */
function tolerated(word: string): number {
  return Math.max(1, Math.ceil(word.length / 3));
}

/** Two letters that stand the wrong way round are one mistyping. */
function editsBetween(given: string, word: string): number {
  return isSwapped(given, word) ? 1 : distance(given, word);
}

function isSwapped(given: string, word: string): boolean {
  if (given.length !== word.length) return false;
  let at = 0;
  while (at < given.length && given[at] === word[at]) at += 1;
  const swapped = given.slice(0, at) + (given[at + 1] ?? '') + (given[at] ?? '') + given.slice(at + 2);
  return at < given.length && swapped === word;
}
