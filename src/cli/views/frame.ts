import colours from 'picocolors';
import { ASCII, type Symbols, UNICODE } from './symbols.ts';
import { cutLine, type Line, type Tone } from './text.ts';

/** What a view is drawn on. */
export interface Frame {
  /** Terminal cells. */
  width: number;
  now: Date;
  symbols: Symbols;
}

/** Below this nothing readable can be drawn; terminals that report less, or 0, are taken for this wide. */
const NARROWEST = 20;

export function frame(width: number, now: Date, unicode: boolean): Frame {
  return { width: Math.max(NARROWEST, width), now, symbols: unicode ? UNICODE : ASCII };
}

/** The lines as text, none wider than the frame. */
export function render(
  lines: readonly Line[],
  { width, symbols }: Pick<Frame, 'width' | 'symbols'>,
  colour: boolean,
): string[] {
  const paint = colour ? PAINT : PLAIN;
  return lines.map((line) =>
    cutLine(line, width, symbols.ellipsis)
      .map(({ text, tone }) => paint[tone](text))
      .join('')
      .trimEnd(),
  );
}

type Paint = Record<Tone, (text: string) => string>;

/** Whether colours are wanted is decided by the caller, so they are forced on here. */
const { bold, dim, green, red, yellow, cyan } = colours.createColors(true);
const same = (text: string): string => text;
const PAINT: Paint = { plain: same, strong: bold, faint: dim, good: green, bad: red, busy: yellow, accent: cyan };
const PLAIN: Paint = { plain: same, strong: same, faint: same, good: same, bad: same, busy: same, accent: same };
