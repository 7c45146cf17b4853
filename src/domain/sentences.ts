/** The text with a full stop, unless it ends like a sentence. */
export function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The text on one line of at most so many characters; where it is cut, it says so by its end. */
export function clipLine(text: string, most: number): string {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ').toWellFormed();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}
