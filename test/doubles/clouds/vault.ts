import { randomUUID } from 'node:crypto';
import { obtainCloudEmulators } from '../../../tools/cloud-emulators/obtain.ts';
import { type Served, endWithInput, serveProgram } from './program.ts';

const TOKEN = 'test';

/** OpenBao, which speaks Vault's API, with an engine that encrypts. It keeps all in memory. */
export async function startVault(): Promise<Served> {
  const { python, bao } = await obtainCloudEmulators();
  const served = await serveProgram({
    title: 'OpenBao',
    command: (port) =>
      endWithInput(python, [
        ...[bao, 'server', '-dev', '-dev-no-store-token', `-dev-root-token-id=${TOKEN}`],
        ...[`-dev-listen-address=127.0.0.1:${port}`, '-log-level=error'],
      ]),
    answers: async (url) => (await fetch(`${url}/v1/sys/health`)).ok,
  });
  await ask(served, 'sys/mounts/transit', { type: 'transit' });
  return served;
}

/** A key of it, and what finds it, for the environment of the engine. */
export async function makeVaultKey(vault: Pick<Served, 'url'>): Promise<{ url: string; env: Record<string, string> }> {
  const name = `key-${randomUUID()}`;
  await ask(vault, `transit/keys/${name}`, {});
  return { url: `hashivault://${name}`, env: { VAULT_ADDR: vault.url, VAULT_TOKEN: TOKEN } };
}

async function ask({ url }: Pick<Served, 'url'>, path: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/v1/${path}`, {
    method: 'POST',
    headers: { 'x-vault-token': TOKEN },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`OpenBao refuses ${path}: ${await answer.text()}`);
}
