import assert from 'node:assert/strict';
import { readConfig } from '../../../blueprints/local-process/config.ts';
import type { Json } from '../../../src/domain/json.ts';

describe('config of local-process', () => {
  it('is complete with defaults when nothing is given', () => {
    const { config, faults } = readConfig({});
    assert.deepEqual(faults, []);
    assert.deepEqual(config, {
      args: [],
      env: {},
      passEnv: [],
      processes: 1,
      startTimeoutMs: 30_000,
      stopGraceMs: 10_000,
    });
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
      startTimeoutMs: 500,
      stopGraceMs: 120_000,
    });
  });

  const bad: [string, Json, string, RegExp][] = [
    ['command', [], 'command', /is empty/],
    ['command', 'node', 'command', /must be a list of strings/],
    ['args', ['a', 1], 'args[1]', /must be a string/],
    ['args', ['a\0'], 'args[0]', /NUL/],
    ['env', [], 'env', /must map variable names to strings/],
    ['env', { '1X': 'a' }, 'env.1X', /is not a variable name/],
    ['env', { PORT: '80' }, 'env.PORT', /is set by the blueprint/],
    ['env', { A: 1 }, 'env.A', /must be a string/],
    ['passEnv', ['HOST'], 'passEnv[0]', /is set by the blueprint/],
    ['processes', 0, 'processes', /whole number from 1 to 64/],
    ['processes', 1.5, 'processes', /whole number/],
    ['processes', 65, 'processes', /whole number/],
    ['startTimeout', 30, 'startTimeout', /a duration such as/],
    ['stopGrace', '1h', 'stopGrace', /a duration such as/],
    ['port', 80, 'port', /is not known here; known are command, args/],
  ];
  for (const [key, value, path, message] of bad) {
    it(`refuses ${key}: ${JSON.stringify(value)}`, () => {
      const { faults } = readConfig({ [key]: value });
      assert.equal(faults.length, 1);
      assert.equal(faults[0]!.path, `blueprint.config.${path}`);
      assert.match(faults[0]!.message, message);
    });
  }

  it('tells all faults at once', () => {
    const { faults } = readConfig({ processes: 'many', args: {}, colour: 'red' });
    assert.deepEqual(
      faults.map(({ path }) => path),
      ['args', 'processes', 'colour'].map((key) => `blueprint.config.${key}`),
    );
  });
});
