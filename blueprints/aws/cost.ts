import type { CostHint } from '../../src/stacks/blueprint.ts';

/**
 * The day that the prices below are of, as we knew them: list prices in us-east-1, in US dollars an hour, on demand, for
 * Linux. They were not looked up since (https://aws.amazon.com/ec2/pricing/on-demand and
 * https://aws.amazon.com/fargate/pricing have today's), and other regions cost up to half as much again.
 */
const PRICES_OF = '2025-11-01';
const HOURS_A_MONTH = 730;

/** A public address, in use or not: https://aws.amazon.com/vpc/pricing. */
const PUBLIC_ADDRESS = 0.005;

const INSTANCES: Readonly<Record<string, number>> = {
  ...{ 't3.nano': 0.0052, 't3.micro': 0.0104, 't3.small': 0.0208, 't3.medium': 0.0416, 't3.large': 0.0832 },
  ...{ 't4g.nano': 0.0042, 't4g.micro': 0.0084, 't4g.small': 0.0168, 't4g.medium': 0.0336, 't4g.large': 0.0672 },
  ...{ 'm7i.large': 0.1008, 'm7g.large': 0.0816, 'c7i.large': 0.08925, 'c7g.large': 0.0725 },
};

/** Of Fargate: a processor, and a GB of memory. */
const FARGATE = {
  X86_64: { processor: 0.04048, gigabyte: 0.004445 },
  ARM64: { processor: 0.03238, gigabyte: 0.00356 },
} as const;

/** Undefined for a type of instance whose price is not known here. */
export function estimateInstances(count: number, type: string): CostHint | undefined {
  const price = INSTANCES[type];
  if (price === undefined) return undefined;
  return estimate(count * (price + PUBLIC_ADDRESS), `${count} × ${type} with a public address`);
}

export interface TaskSize {
  /** In 1/1024 of a processor. */
  cpu: number;
  /** In MiB. */
  memory: number;
  architecture: keyof typeof FARGATE;
}

export function estimateTasks(count: number, { cpu, memory, architecture }: TaskSize): CostHint {
  const { processor, gigabyte } = FARGATE[architecture];
  const task = (cpu / 1024) * processor + (memory / 1024) * gigabyte + PUBLIC_ADDRESS;
  const size = `${cpu / 1024} vCPU and ${memory / 1024} GB`;
  return estimate(count * task, `${count} tasks of ${size} with a public address`);
}

/** A function costs by its calls alone. */
export function estimateFunction(): CostHint {
  return estimate(0, 'a function, without calls');
}

function estimate(perHour: number, of: string): CostHint {
  const perMonth = Math.round(perHour * HOURS_A_MONTH * 100) / 100;
  return {
    perMonth,
    currency: 'USD',
    pricesOf: PRICES_OF,
    assumes: `${of}, all day, at us-east-1's list prices; without traffic`,
  };
}
