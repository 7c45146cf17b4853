/**
 * The end of a text, at most `most` characters of it, from its first whole line on: half of a line may be half of a secret,
 * which nobody would recognise to redact it. Empty where there is no such line.
 */
export function keepLastLines(text: string, most: number): string {
  return text.length <= most ? text : dropFirstLine(text.slice(-most));
}

/** A text without the line that it begins in the middle of. */
export function dropFirstLine(text: string): string {
  const end = text.indexOf('\n');
  return end === -1 ? '' : text.slice(end + 1);
}
