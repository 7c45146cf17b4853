// Prints what failed and the counts, from the file named on the command line, as mocha's own run left them.
import { summary, readTestResult } from './test-result.ts';

console.log(summary(readTestResult(process.argv[2] ?? '')));
