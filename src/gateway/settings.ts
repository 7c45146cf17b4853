import { parseDuration } from '../config/duration.ts';
import { formatPortRange, PREVIEW_PORTS, type PortRange, parsePortRange } from '../domain/preview/ports.ts';

/** How a gateway is run, as far as that is not said on its command line. What is absent is as it is everywhere. */
export interface GatewaySettings {
  /** How long a run of an experiment may last at most, in milliseconds. */
  longestTtlMs?: number;
  /** From which a preview that asks for none gets its port. */
  previewPorts?: PortRange;
}

/** A run needs some time for its stacks alone. In milliseconds. */
const LEAST_TTL_MS = 1_000;

/**
 * By SUPPLANT_LONGEST_TTL and SUPPLANT_PREVIEW_PORTS.
 *
 * @throws Error fit to show, with everything that is wrong
 */
export function readGatewaySettings(env: NodeJS.ProcessEnv): GatewaySettings {
  const faults: string[] = [];
  const read = <T>(name: string, parse: (text: string) => T | undefined, wanted: string): T | undefined => {
    const text = env[name];
    if (text === undefined || text === '') return undefined;
    const value = parse(text);
    if (value === undefined) faults.push(`${name} is ${text}, which is no ${wanted}`);
    return value;
  };
  const longestTtlMs = read('SUPPLANT_LONGEST_TTL', readTtl, 'duration of at least 1s; write it as 8h or 168h');
  const wanted = `range of ports; write it as ${formatPortRange(PREVIEW_PORTS)}`;
  const previewPorts = read('SUPPLANT_PREVIEW_PORTS', parsePortRange, wanted);
  if (faults.length > 0) throw new Error(faults.join('; '));
  return { ...(longestTtlMs === undefined ? {} : { longestTtlMs }), ...(previewPorts ? { previewPorts } : {}) };
}

function readTtl(text: string): number | undefined {
  const millis = parseDuration(text);
  return millis !== undefined && millis >= LEAST_TTL_MS ? millis : undefined;
}
