/*
 * Postgres has no text with the character NUL in it, which JSON and any piece of evidence may hold. It is kept as ␀0 (the
 * symbol for it, U+2400), and that symbol itself as ␀␀; all other text is kept as it is.
 */
const SYMBOL = '\u2400';

export function toPostgres(text: string): string {
  return text.replaceAll(SYMBOL, SYMBOL + SYMBOL).replaceAll('\0', `${SYMBOL}0`);
}

export function fromPostgres(text: string): string {
  return text.replaceAll(/\u2400([\u24000])/g, (_, which: string) => (which === '0' ? '\0' : SYMBOL));
}
