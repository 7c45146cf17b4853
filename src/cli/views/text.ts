import stringWidth from 'string-width';

/** What a piece of text is, for colour. */
export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'bad' | 'busy' | 'accent';

export interface Span {
  text: string;
  tone: Tone;
}

/** One line of a view, before it is cut to a width and coloured. */
export type Line = Span[];

export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: oneLine(text), tone };
}

export function line(...parts: (Span | string)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? span(part) : part)).filter(({ text }) => text !== '');
}

/** Terminal cells, not characters: `é` takes one, `語` two. */
export function width(text: string): number {
  return stringWidth(text);
}

export function lineWidth(of: Line): number {
  return of.reduce((sum, { text }) => sum + width(text), 0);
}

export function pad(text: string, cells: number, side: 'left' | 'right' = 'right'): string {
  const filling = ' '.repeat(Math.max(0, cells - width(text)));
  return side === 'right' ? text + filling : filling + text;
}

/** The text in at most `cells` terminal cells; what was cut is marked. */
export function cut(text: string, cells: number, mark = '…'): string {
  if (width(text) <= cells) return text;
  const room = cells - width(mark);
  if (room < 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += width(segment);
    if (used > room) break;
    kept += segment;
  }
  return kept + mark;
}

/** The line in at most `cells` terminal cells. */
export function cutLine(of: Line, cells: number, mark = '…'): Line {
  if (lineWidth(of) <= cells) return of;
  const kept: Line = [];
  let room = cells;
  for (const { text, tone } of of) {
    if (width(text) < room) {
      kept.push({ text, tone });
      room -= width(text);
    } else {
      // Marked even where this part would just fit: more would have followed.
      kept.push({ text: cut(`${text}${mark}${mark}`, room, mark), tone });
      break;
    }
  }
  return kept;
}

/** Breaks text at spaces into lines of at most `cells`; a longer word is broken anywhere. */
export function wrap(text: string, cells: number): string[] {
  const room = Math.max(1, cells);
  const lines: string[] = [];
  let current = '';
  for (const word of oneLine(text)
    .trim()
    .split(/ +/)
    .flatMap((whole) => chop(whole, room))) {
    if (current !== '' && width(current) + 1 + width(word) > room) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current];
}

/** A sentence in as many lines as it takes, all of them indented: what a person must read whole is never cut. */
export function wrapSentence(
  text: string,
  cells: number,
  { tone, indent = '' }: { tone?: Tone; indent?: string } = {},
): Line[] {
  return wrap(text, cells - width(indent)).map((part) => line(indent, span(part, tone)));
}

function chop(word: string, cells: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== '' && width(piece) + width(segment) > cells) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}

/** Text of others must not move the cursor, colour the screen or break a line. */
function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
