import { X509Certificate } from 'node:crypto';
import type { Reader, Spot } from '../../../manifest/reader.ts';
import { CERTIFICATE_SUBJECTS, type CertificateConfig } from '../config.ts';

export type ReadFile = (path: string) => string;

const CA_WANTED = "a PEM file with the certificates of the authorities that sign clients'";
const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The `certificates` of an access file, and the file with the authorities. */
export function readCertificates(reader: Reader, spot: Spot, readFile: ReadFile): CertificateConfig {
  const { ca, subject } = reader.fields(spot, ['ca', 'subject']);
  if (!ca) reader.missing(spot, 'ca', CA_WANTED);
  return {
    ca: ca ? readAuthorities(reader, ca, readFile) : '',
    subject: (subject && reader.word(subject, CERTIFICATE_SUBJECTS)) ?? 'common-name',
  };
}

function readAuthorities(reader: Reader, spot: Spot, readFile: ReadFile): string {
  const path = reader.text(spot, CA_WANTED);
  if (path === null) return '';
  const text = attempt(() => readFile(path));
  if (text === undefined) {
    reader.fault(spot, CA_WANTED, `no readable file '${path}'`);
    return '';
  }
  const blocks = text.match(PEM) ?? [];
  if (blocks.length === 0) reader.fault(spot, CA_WANTED, `no certificate in '${path}'`);
  for (const [index, block] of blocks.entries()) {
    const certificate = attempt(() => new X509Certificate(block));
    const what = `certificate ${index + 1} in '${path}'`;
    if (!certificate) reader.fault(spot, CA_WANTED, `${what}, which cannot be read`);
    else if (!certificate.ca) reader.fault(spot, CA_WANTED, `${what}, which is not an authority's`);
  }
  return blocks.join('\n');
}

function attempt<Value>(get: () => Value): Value | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
