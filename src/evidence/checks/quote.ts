// What moves the cursor, colours the screen or turns text around, as far as JSON does not escape it.
const UNPRINTABLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The first `limit` bytes as printable text in quotes; `…` after them where there are more. */
export function quoteBytes(bytes: Uint8Array, limit: number): string {
  const decoder = new TextDecoder();
  // Streaming keeps back a character whose last bytes were cut off.
  const cut = bytes.length > limit;
  const text = decoder.decode(bytes.subarray(0, limit), { stream: cut });
  return quoteText(text) + (cut ? '…' : '');
}

/** Text in quotes, with everything escaped that a terminal would act upon. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same, of at most `limit` characters. What is to be redacted is redacted before: half of it is not recognised. */
export function quoteShort(text: string, limit: number): string {
  return text.length > limit ? `${quoteText(text.slice(0, limit))}…` : quoteText(text);
}
