import { distance } from 'fastest-levenshtein';

/** The words most like `given`, best first; none where nothing is near enough to have been meant. */
export function nearest(given: string, known: readonly string[], most = 1): string[] {
  const wanted = given.slice(0, LONGEST).toLowerCase();
  return known
    .map((word) => ({ word, edits: distance(wanted, word.toLowerCase()) }))
    .filter(({ word, edits }) => edits <= tolerated(word))
    .sort((one, other) => one.edits - other.edits)
    .slice(0, most)
    .map(({ word }) => word);
}

/** Longer words are not typed by mistake for a known one, and comparing is quadratic. */
const LONGEST = 100;

/** Mistypings allowed: one in three letters, and always one swap (two edits). */
function tolerated(word: string): number {
  return Math.max(2, Math.ceil(word.length / 3));
}
