import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { mapping, text } from '../../../config/fields.ts';
import { refuse } from '../../../config/problems.ts';
import { CERTIFICATE_SUBJECTS } from '../config.ts';

export type ReadFile = (path: string) => string;

const CA_WANTED = "a PEM file with the certificates of the authorities that sign clients'";
const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The `certificates` of an access file, with what the file with the authorities holds. */
export function certificatesSchema(readFile: ReadFile) {
  return mapping({
    ca: text(CA_WANTED)
      .transform((path, context) => {
        const { pem, faults } = readAuthorities(path, readFile);
        for (const found of faults) refuse(context, { wanted: CA_WANTED, found });
        return pem;
      })
      .describe("A PEM file with the authorities that sign clients' certificates, relative to this file."),
    subject: z
      .enum(CERTIFICATE_SUBJECTS)
      .prefault('common-name')
      .describe('Which part of the certificate names the caller.'),
  });
}

function readAuthorities(path: string, readFile: ReadFile): { pem: string; faults: string[] } {
  const text = attempt(() => readFile(path));
  if (text === undefined) return { pem: '', faults: [`no readable file '${path}'`] };
  const blocks = text.match(PEM) ?? [];
  const faults = blocks.length === 0 ? [`no certificate in '${path}'`] : [];
  for (const [index, block] of blocks.entries()) {
    const certificate = attempt(() => new X509Certificate(block));
    const what = `certificate ${index + 1} in '${path}'`;
    if (!certificate) faults.push(`${what}, which cannot be read`);
    else if (!certificate.ca) faults.push(`${what}, which is not an authority's`);
  }
  return { pem: blocks.join('\n'), faults };
}

function attempt<Value>(get: () => Value): Value | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
