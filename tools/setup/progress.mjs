const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
/** How often a log without a terminal is told that a long step is still at work. */
const SIGN_OF_LIFE_MS = 30_000;

/**
 * @typedef {object} Step
 * @property {(detail: string) => void} update
 * @property {(outcome: string) => void} done
 * @property {(outcome: string) => void} failed
 *
 * @typedef {object} Progress
 * @property {(text: string) => void} note
 * @property {(title: string, doing: string) => Step} step
 */

/**
 * Shows what set-up is doing: one live line on a terminal, plain lines anywhere else.
 * @param {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} stream
 * @returns {Progress}
 */
export function createProgress(stream) {
  return {
    note: (text) => void stream.write(`${stream.isTTY ? '\r\x1b[2K' : ''}${text}\n`),
    step: (title, doing) => (stream.isTTY ? liveStep(stream, title, doing) : plainStep(stream, title, doing)),
  };
}

/**
 * @param {{ columns?: number, write(text: string): unknown }} stream
 * @param {string} title
 * @param {string} doing
 * @returns {Step}
 */
function liveStep(stream, title, doing) {
  const begun = Date.now();
  let frame = 0;
  let detail = doing;
  const draw = () => {
    const line = `${FRAMES[frame++ % FRAMES.length]} ${title}: ${detail} · ${elapsed(begun)}`;
    stream.write(`\r\x1b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
  };
  draw();
  const timer = setInterval(draw, FRAME_MS);
  const end = (/** @type {string} */ mark, /** @type {string} */ outcome) => {
    clearInterval(timer);
    stream.write(`\r\x1b[2K${mark} ${title}: ${outcome} (${elapsed(begun)})\n`);
  };
  return { update: (next) => void (detail = next), done: (o) => end('✔', o), failed: (o) => end('✘', o) };
}

/**
 * @param {{ write(text: string): unknown }} stream
 * @param {string} title
 * @param {string} doing
 * @returns {Step}
 */
function plainStep(stream, title, doing) {
  const begun = Date.now();
  let detail = doing;
  stream.write(`${title}: ${doing}\n`);
  const timer = setInterval(() => stream.write(`${title}: ${detail} · ${elapsed(begun)}\n`), SIGN_OF_LIFE_MS);
  const end = (/** @type {string} */ outcome) => {
    clearInterval(timer);
    stream.write(`${title}: ${outcome} (${elapsed(begun)})\n`);
  };
  const update = (/** @type {string} */ next) => {
    // A download's running figures share their first words; only a new kind of work gets a line of its own.
    if (next.split(' ')[0] !== detail.split(' ')[0]) stream.write(`${title}: ${next}\n`);
    detail = next;
  };
  return { update, done: end, failed: end };
}

/** @param {number} begun */
function elapsed(begun) {
  const seconds = Math.floor((Date.now() - begun) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
