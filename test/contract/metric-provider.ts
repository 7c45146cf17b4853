import assert from 'node:assert/strict';
import type { MetricSpec } from '../../src/domain/evidence/metric-spec.ts';
import { judgeReading } from '../../src/domain/evidence/metrics.ts';
import {
  MetricQueryError,
  type MetricSubject,
  MetricsUnavailableError,
  type RevisionMetrics,
} from '../../src/evidence/metrics/provider.ts';

/** One place that has numbers, and none yet of the revision that is asked about. */
export interface MetricsUnderTest {
  metrics: RevisionMetrics;
  subject: MetricSubject;
  /** Asks for the number, and of how many observations it is made; with templates where the place has some. */
  spec: MetricSpec;
  /** The place has this number of the revision, of so many observations, and of nobody else. */
  have: (value: number, samples: number) => Promise<void>;
  /** Nobody answers any more. */
  goAway: () => Promise<void>;
  /** Asks what cannot be answered, and what has to be said about that; of a place where a question can be wrong. */
  wrong?: { spec: MetricSpec; says: RegExp };
  /** Whether the question is in words, which are told. */
  isAsked: boolean;
  dispose: () => Promise<void>;
}

const LIMIT = { atMost: 0.5, leastSamples: 10 };

/** What every place of numbers must do, whatever it is. */
export function metricProviderContract(name: string, setup: () => Promise<MetricsUnderTest>): void {
  describe(`contract of metrics: ${name}`, () => {
    let under: MetricsUnderTest;
    const window = { from: new Date(Date.now() - 90_000).toISOString(), to: new Date().toISOString() };

    beforeEach(async () => {
      under = await setup();
    });
    afterEach(() => under.dispose());

    async function read(spec = under.spec, signal?: AbortSignal) {
      const readings = await under.metrics.readMetric(spec, under.subject, window, signal);
      assert.equal(readings.length, 1);
      return readings[0]!;
    }

    it('tells a number with its samples and its window', async () => {
      await under.have(0.25, 40);
      const { value, samples, from, to } = await read();
      assert.deepEqual({ value, samples, from, to }, { value: 0.25, samples: 40, ...window });
    });

    it('tells 0 as a number', async () => {
      await under.have(0, 40);
      assert.equal((await read()).value, 0);
      assert.equal(judgeReading('errors', 2, await read(), LIMIT).verdict, 'pass');
    });

    it('tells no data as none, which is never a pass', async () => {
      const reading = await read();
      assert.deepEqual([reading.value, reading.samples], [undefined, 0]);
      assert.equal(judgeReading('errors', 2, reading, LIMIT).verdict, 'inconclusive');
    });

    it('says what was asked, with what the revision is called filled in', async function () {
      if (!under.isAsked) return this.skip();
      await under.have(0.25, 40);
      const { query = '' } = await read();
      const { name, environment } = under.subject.service;
      for (const word of [name, environment, 'r2', '90s']) assert.ok(query.includes(word), `${word} is in ${query}`);
      assert.equal(judgeReading('errors', 2, await read(), LIMIT).reading?.query, query);
    });

    it('says that nobody answers, which may pass', async () => {
      await under.have(0.25, 40);
      await under.goAway();
      await assert.rejects(read(), MetricsUnavailableError);
    });

    it('says what is wrong with a question that cannot be answered', async function () {
      const { wrong } = under;
      if (wrong === undefined) return this.skip();
      await under.have(0.25, 40);
      await assert.rejects(read(wrong.spec), (error) => {
        assert.ok(error instanceof MetricQueryError, String(error));
        assert.match(error.message, wrong.says);
        return true;
      });
    });

    it('is called off', async function () {
      if (!under.isAsked) return this.skip();
      const reason = new Error('called off');
      await assert.rejects(read(under.spec, AbortSignal.abort(reason)), reason);
    });
  });
}
