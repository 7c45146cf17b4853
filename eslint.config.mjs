import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What scripts in plain JavaScript may use without importing it. */
const globals = Object.fromEntries(
  ['process', 'console', 'URL', 'fetch', 'AbortSignal', 'AbortController']
    .concat(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'])
    .map((name) => [name, 'readonly']),
);

export default tseslint.config(
  { ignores: ['node_modules', '.tools', '.supplant', '.demo', 'src/contract/gen', 'test/replay/histories'] },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An async method that need not wait today keeps its port's signature.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/workflows/**/*.ts', 'src/domain/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'Buffer', 'setInterval'].map((name) => ({
          name,
          message: 'Workflows and the domain are pure: ask an activity.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        ...[
          'Program > VariableDeclaration[kind="let"]',
          'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
          'Program > VariableDeclaration > VariableDeclarator > NewExpression[callee.name!=/^(Set|RegExp)$/]',
          'Program > ExportNamedDeclaration > VariableDeclaration > VariableDeclarator > NewExpression[callee.name!=/^(Set|RegExp)$/]',
        ].map((selector) => ({
          selector,
          message: 'All workflows of a worker share their modules: these keep nothing.',
        })),
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
