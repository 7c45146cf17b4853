import assert from 'node:assert/strict';
import { configSchema, type LocalProcessConfig } from '../../../blueprints/local-process/config.ts';
import { faultMessage, formatPath } from '../../../src/config/fault.ts';
import { checkValue } from '../../../src/config/problems.ts';
import type { Json, JsonObject } from '../../../src/domain/json.ts';

function readConfig(given: JsonObject): { config?: LocalProcessConfig; faults: { path: string; message: string }[] } {
  const checked = checkValue(configSchema, given);
  if (checked.ok) return { config: checked.value, faults: [] };
  const faults = checked.problems.map((problem) => ({
    path: formatPath(problem.path),
    message: faultMessage(problem),
  }));
  return { faults };
}

describe('config of local-process', () => {
  it('is complete with defaults when nothing is given', () => {
    const { config, faults } = readConfig({});
    assert.deepEqual(faults, []);
    assert.deepEqual(config, {
      args: [],
      env: {},
      passEnv: [],
      processes: 1,
      startTimeout: 30_000,
      stopGrace: 10_000,
    });
  });

  it('takes durations as every other file does', () => {
    assert.equal(readConfig({ stopGrace: '1h30m' }).config?.stopGrace, 5_400_000);
  });

  it('takes everything that is given', () => {
    const { config, faults } = readConfig({
      command: ['node', 'server.mjs'],
      args: ['--port={port}'],
      env: { COLOUR: 'blue' },
      passEnv: ['API_TOKEN'],
      processes: 3,
      startTimeout: '500ms',
      stopGrace: '2m',
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(config, {
      command: ['node', 'server.mjs'],
      args: ['--port={port}'],
      env: { COLOUR: 'blue' },
      passEnv: ['API_TOKEN'],
      processes: 3,
      startTimeout: 500,
      stopGrace: 120_000,
    });
  });

  const bad: [string, Json, string, RegExp][] = [
    ['command', [], 'command', /expected a program to run, or no command key, found an empty list/],
    ['command', 'node', 'command', /expected a list: the program .*, found 'node'/],
    ['args', ['a', 1], 'args[1]', /expected text, in quotes, found 1/],
    ['args', [true], 'args[0]', /expected text, in quotes, found true/],
    ['args', ['a\0'], 'args[0]', /without NUL characters/],
    ['env', [], 'env', /expected a mapping, found a list/],
    ['env', { '1X': 'a' }, 'env.1X', /expected the name of a variable: .*, found '1X'/],
    ['env', { PORT: '80' }, 'env.PORT', /expected another name, found PORT, which the blueprint sets itself/],
    ['env', { A: 1 }, 'env.A', /expected text, in quotes, found 1/],
    ['env', JSON.parse('{"__proto__": "a"}') as Json, 'env.__proto__', /expected another name/],
    ['passEnv', ['HOST'], 'passEnv[0]', /which the blueprint sets itself/],
    ['processes', 0, 'processes', /a whole number from 1 to 64, found 0/],
    ['processes', 1.5, 'processes', /whole number/],
    ['processes', 65, 'processes', /whole number/],
    ['startTimeout', 30, 'startTimeout', /expected a duration of at most a day .*, found 30 without a unit/],
    ['stopGrace', '30m1h', 'stopGrace', /a duration of at most a day/],
    ['stopGrace', '25h', 'stopGrace', /a duration of at most a day/],
    ['arg', [], 'arg', /expected only command, args, .*, found the unknown key 'arg'; did you mean 'args'\?/],
  ];
  for (const [key, value, path, message] of bad) {
    it(`refuses ${key}: ${JSON.stringify(value)}`, () => {
      const { faults } = readConfig({ [key]: value });
      assert.equal(faults.length, 1);
      assert.equal(faults[0]!.path, path);
      assert.match(faults[0]!.message, message);
    });
  }

  it('tells all faults at once', () => {
    const { faults } = readConfig({ processes: 'many', args: {}, colour: 'red' });
    assert.deepEqual(
      faults.map(({ path }) => path),
      ['args', 'processes', 'colour'],
    );
  });
});
