/**
 * What TypeScript and the linter find in the sources, from one program: to find out types is most of the work of either,
 * and each would do it for itself.
 */
import { ESLint } from 'eslint';
import ts from 'typescript';
import { ROOT } from './run.ts';

const program = createProgram('tsconfig.json');
const diagnostics = ts.getPreEmitDiagnostics(program);
const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: false, programs: [program] } },
  },
});
const results = await eslint.lintFiles('.');
const formatter = await eslint.loadFormatter();

process.stdout.write(
  ts.formatDiagnostics(diagnostics, {
    getCurrentDirectory: () => ROOT,
    getCanonicalFileName: (name) => name,
    getNewLine: () => '\n',
  }),
);
process.stdout.write(await formatter.format(results));
process.exitCode = diagnostics.length > 0 || results.some(({ errorCount }) => errorCount > 0) ? 1 : 0;

/** Of every file that a configuration includes. */
function createProgram(configFile: string): ts.Program {
  const parsed = ts.getParsedCommandLineOfConfigFile(configFile, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  });
  if (!parsed) throw new Error(`${configFile} cannot be read`);
  return ts.createProgram({
    rootNames: parsed.fileNames,
    options: parsed.options,
    configFileParsingDiagnostics: parsed.errors,
  });
}
