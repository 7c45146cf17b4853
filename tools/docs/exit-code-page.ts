import { EXIT } from '../../src/cli/exit-codes.ts';
import { table } from './command-page.ts';

/** The reference page of the codes that commands end with. */
export function exitCodePage(): string {
  const rows = Object.values(EXIT).map(({ code, meaning }) => [String(code), meaning]);
  return `# Exit codes

Scripts may rely on them. \`supplant --help\` lists them too. Generated from the program: \`npm run docs:cli\` writes it
anew.

${table(['code', 'meaning'], rows)}
A command that starts a rollout (\`apply\`, \`deploy\`, \`rollback\`, \`restart\`, \`remove\`) ends with the code of the rollout's
outcome, and so does \`watch\`. \`experiment run\` and \`experiment watch\` end with that of the run: 3 where it failed, expired,
was lost, stopped or replaced, and 2 where it was skipped, which is a request that is refused as things stand. With \`--no-wait\` it ends with 0 once the rollout has begun or waits in the queue.
`;
}
