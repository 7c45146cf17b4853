/** The differential suite in its long form: `npm run differential -- --exchanges 20000 --seed 7`. */
import { parseArgs } from 'node:util';
import { type CampaignResult, DifferentialSuite } from './suite.ts';

const { values } = parseArgs({
  options: {
    exchanges: { type: 'string' },
    seed: { type: 'string' },
    lanes: { type: 'string' },
    shrink: { type: 'boolean' },
  },
});
const campaign = {
  exchanges: wholeNumber('exchanges', values.exchanges ?? '20000'),
  seed: wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000_000)),
  lanes: wholeNumber('lanes', values.lanes ?? '16'),
  shrink: values.shrink ?? false,
};
const suite = await DifferentialSuite.start();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // HAProxy and the router would go on without it.
  process.once(signal, () => void suite.stop().then(() => process.exit(1)));
}
try {
  console.log(`seed ${campaign.seed}`);
  print(await suite.run(campaign));
} catch (error) {
  const { message, cause } = error as Error;
  console.error(cause instanceof Error ? `${message}\n\n${cause.message}` : message);
  process.exitCode = 1;
} finally {
  await suite.stop();
}

function print({ exchanges, requests, kinds, exceptions }: CampaignResult): void {
  console.log(
    `${exchanges} exchanges with ${requests} requests, each directly, through HAProxy and through the router\n`,
  );
  for (const [kind, count] of [...kinds].sort(([, one], [, other]) => other - one))
    console.log(`${String(count).padStart(7)}  ${kind}`);
  console.log('\nexceptions');
  for (const [name, count] of exceptions) console.log(`${String(count).padStart(7)}  ${name}`);
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  console.error(`--${name} is ${text}; use a whole number above 0`);
  process.exit(2);
}
