const MOST_LINES = 12;
const MOST_CHARS = 1500;
const LONGEST_LINE = 300;

/** What names a cause, in the words of Node, Python, Java, Go, Rust, Ruby, PHP, shells and most servers' logs. */
const CAUSE =
  /^(?:Uncaught )?(?:[\w.$]*(?:Error|Exception)\b(?: \[\w+\])?(?::|$)|Caused by:|panic:|fatal(?: error)?\b|Exception in thread|thread '.*' (?:\(\d+\) )?panicked|PHP Fatal)|\b(?:EADDRINUSE|EACCES|ENOENT|MODULE_NOT_FOUND|[Aa]ddress (?:already )?in use|[Pp]ermission denied|[Cc]ommand not found|[Nn]o such file or directory)\b|\((?:\w+::)*\w*Error\)$|\[(?:emerg|crit|alert|fatal)\]|\b(?:FATAL|CRITICAL|PANIC)\b|"level":\s*"(?:error|fatal)"/;
/** A line of a stack trace says where, not what. */
const FRAME = /^\s*(?:at \S|File "|\^+\s*$|from .+:\d+:in |\d+: 0x|goroutine \d+|#\d+ )/;

/**
 * The lines that matter of what a program printed before it ended, in their order: the one that names the cause first of
 * all, then the last ones, then the first ones, as many as fit; an ellipsis where lines are left out, and frames of stack
 * traces only where there is nothing else.
 */
export function extractExcerpt(text: string): string {
  const lines = text.split('\n').map((line) => clipped(line.trimEnd()));
  const order = [...ranked(lines)];
  const chosen = new Set<number>();
  let chars = 0;
  for (const index of order) {
    const { length } = lines[index] ?? '';
    if (chosen.size === MOST_LINES || chars + length + 1 > MOST_CHARS) break;
    chosen.add(index);
    chars += length + 1;
  }
  return joined(lines, chosen);
}

/** The line that names the cause, where there is one that does. */
export function findCause(text: string): string | undefined {
  const line = text.split('\n').findLast((candidate) => CAUSE.test(candidate) && !FRAME.test(candidate));
  return line && clipped(line.trim());
}

/** Indices of lines, the most telling first, each once. */
function ranked(lines: readonly string[]): Set<number> {
  const all = lines.flatMap((line, index) => (line.trim() === '' ? [] : [index]));
  const telling = all.filter((index) => !FRAME.test(lines[index] ?? ''));
  const causes = all.filter((index) => CAUSE.test(lines[index] ?? ''));
  const last = telling.slice(-(MOST_LINES - 4)).toReversed();
  return new Set([...causes.slice(-2), ...causes.slice(0, 1), ...last, ...telling.slice(0, 2), ...all.toReversed()]);
}

function joined(lines: readonly string[], chosen: ReadonlySet<number>): string {
  const shown: string[] = [];
  let before = -1;
  for (const index of [...chosen].toSorted((a, b) => a - b)) {
    const isGap = lines.slice(before + 1, index).some((line) => line.trim() !== '');
    shown.push(...(isGap ? ['…'] : []), lines[index] ?? '');
    before = index;
  }
  return shown.join('\n');
}

function clipped(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`;
}
