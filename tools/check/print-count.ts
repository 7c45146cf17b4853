// Prints the counts of the file named on the command line, as mocha's own run left them.
import { countLine, readTestResult } from './test-result.ts';

console.log(countLine(readTestResult(process.argv[2] ?? '')));
