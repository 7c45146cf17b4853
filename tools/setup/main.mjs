// Parses on any Node that knows import(), so that a too old one gets a sentence instead of a syntax error.
const FLOOR = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1])) {
  console.error(
    `setup: Node ${FLOOR.join('.')} or newer is needed to set up Supplant; this is ${process.versions.node} ` +
      `(${process.execPath}). Install a current one from https://nodejs.org and try again.`,
  );
  process.exitCode = 1;
} else {
  import('./setup.mjs').then(({ main }) => main(process.argv.slice(2)));
}
