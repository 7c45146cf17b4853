#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
// Parses on any Node that knows import(), so that a too old one gets a sentence instead of a stack trace.
const FLOOR = [22, 13];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < FLOOR[0] || (major === FLOOR[0] && minor < FLOOR[1])) {
  console.error(
    `supplant: Node ${FLOOR.join('.')} or newer is needed; this is ${process.versions.node} (${process.execPath})`,
  );
  process.exitCode = 1;
} else {
  await import('../src/cli/main.js');
}
