import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import { readRegistrySecret } from '../../src/adapters/kubernetes/registry-secret.ts';
import { parseRegistries } from '../../src/config/registries/parse-registries.ts';
import { RegistryTrouble } from '../../src/model/registry.ts';
import { createRegistryKeys, openRegistries } from '../../src/registry-keys.ts';
import { type FakeApiServer, startFakeApiServer } from '../adapters/kubernetes/fake-api-server.ts';
import { keepingLog } from '../harness/redis.ts';
import { machineWith, type OwnTemporary, ownTemporary } from './local-repository.ts';

let temporary: OwnTemporary;
let cluster: FakeApiServer;

beforeAll(async () => {
  temporary = await ownTemporary();
  cluster = await startFakeApiServer();
});
afterAll(async () => {
  await cluster.close();
  await temporary.remove();
});

const auth = (login: string) => Buffer.from(login).toString('base64');
const dockerConfig = (login: string) =>
  JSON.stringify({ auths: { 'quay.io': { auth: auth(login) }, 'ghcr.io': { auth: auth('eve:other') } } });
const caller = { project: 7, fullName: 'acme/api', branch: 'main', use: 'upload' } as const;

function keysFrom(from: string, environment: Readonly<Record<string, string>> = {}, logged: unknown[] = []) {
  const text = `- { host: quay.io, projects: [acme/api], uses: [upload], ${from} }\n`;
  const reading = parseRegistries(text, 'registries.yaml');
  if (reading.kind === 'wrong') throw new Error(JSON.stringify(reading.problems));
  return createRegistryKeys(reading.rules, {
    folder: tmpdir(),
    environment,
    readSecret: (name) => readRegistrySecret({ ...cluster.access, namespace: 'test' }, name),
    log: { warn: (...entry: unknown[]) => void logged.push(entry) },
  });
}

async function putSecret(name: string, type: string, data: Readonly<Record<string, string>>): Promise<void> {
  const client = createApiClient(cluster.access);
  const body = { kind: 'Secret', apiVersion: 'v1', metadata: { name, labels: {} }, type, data };
  await client.call({ method: 'POST', path: '/api/v1/namespaces/test/secrets', body });
  client.close();
}

const onlyQuay = (login: string) => ({
  'config.json': JSON.stringify({ auths: { 'quay.io': { auth: auth(login) } } }),
});

describe('a credential', () => {
  it('is read from its file each time, for this one registry, with the authority beside it', async () => {
    await writeFile(join(tmpdir(), 'quay.json'), dockerConfig('ada:first'));
    await writeFile(join(tmpdir(), 'ca.pem'), 'an authority\n');
    const keys = keysFrom('from: { file: quay.json }, ca: ca.pem');
    expect(await keys.filesFor('quay.io/acme/api', caller)).toEqual({
      ...onlyQuay('ada:first'),
      'ca.crt': 'an authority\n',
    });
    await writeFile(join(tmpdir(), 'quay.json'), dockerConfig('ada:second'));
    expect((await keys.filesFor('quay.io/acme/api', caller))['config.json']).toBe(
      onlyQuay('ada:second')['config.json'],
    );
  });

  it('is read from variables', async () => {
    const keys = keysFrom('from: { env: { user: QUAY_USER, password: QUAY_TOKEN } }', {
      QUAY_USER: 'ada',
      QUAY_TOKEN: 'a:b',
    });
    expect(await keys.filesFor('quay.io/acme/api', caller)).toEqual(onlyQuay('ada:a:b'));
  });

  it('is read from a secret of our own namespace', async () => {
    const config = Buffer.from(dockerConfig('ada:cluster')).toString('base64');
    await putSecret('quay', 'kubernetes.io/dockerconfigjson', { '.dockerconfigjson': config });
    const keys = keysFrom('from: { secret: quay }');
    expect(await keys.filesFor('quay.io/acme/api', caller)).toEqual(onlyQuay('ada:cluster'));
    const paths = cluster.calls.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(paths.at(-1)).toBe('/api/v1/namespaces/test/secrets/quay');
  });

  it('is nothing where the registry asks for none', async () => {
    expect(await keysFrom('anonymous: true').filesFor('quay.io/acme/api', caller)).toEqual({
      'config.json': '{"auths":{}}',
    });
  });

  it('is not read at all for whom it is not', async () => {
    const fork = { ...caller, project: 8, fullName: 'acme/fork' };
    const logged: unknown[] = [];
    const keys = keysFrom('from: { file: missing.json }', {}, logged);
    const because = keys.whyNot('quay.io/acme/api', fork);
    expect(because).toBe(
      'no credential lets acme/fork upload to quay.io/acme/api: the one for quay.io/** is bound to acme/api',
    );
    const refused = keys.filesFor('quay.io/acme/api', fork);
    await expect(refused).rejects.toThrow(RegistryTrouble);
    await expect(refused).rejects.toMatchObject({ kind: 'denied', message: because });
    expect(logged).toEqual([]);
  });

  it.each([
    ['a file that is gone', 'from: { file: missing.json }', {}, 'ENOENT'],
    [
      'a variable that is not set',
      'from: { env: { user: QUAY_USER, password: QUAY_TOKEN } }',
      { QUAY_USER: 'a' },
      'QUAY_TOKEN is not set',
    ],
    ['a secret that is gone', 'from: { secret: nothing }', {}, 'cannot read the secret nothing'],
    ['a secret of another type', 'from: { secret: opaque }', {}, 'is of type Opaque'],
    ['a file of another kind', 'from: { file: words.json }', {}, 'it is not JSON as Docker writes it'],
  ])('in %s is told as such, and where to the operator alone', async (_, from, environment, words) => {
    await writeFile(join(tmpdir(), 'words.json'), 'hunter2hunter2');
    await putSecret('opaque', 'Opaque', { '.dockerconfigjson': auth('hunter2hunter2') });
    const logged: { err: Error }[][] = [];
    const asking = keysFrom(from, environment, logged).filesFor('quay.io/acme/api', caller);
    await expect(asking).rejects.toMatchObject({
      kind: 'denied',
      message: 'the credential for quay.io cannot be read now; why is in the log of this server',
    });
    expect(logged[0]?.[0]?.err.message).toContain(words);
    expect(JSON.stringify(logged) + logged[0]?.[0]?.err.message).not.toContain('hunter2');
  });
});

describe('SLUICE_REGISTRIES', () => {
  const file = () => join(tmpdir(), 'registries.yaml');

  it('lets a server speak to the registries of its file, to some without TLS', async () => {
    await writeFile(
      file(),
      '- { host: "localhost:5000", projects: [acme/*], uses: [upload], anonymous: true, insecure: true }\n',
    );
    const opened = await openRegistries(machineWith({ SLUICE_REGISTRIES: file() }), keepingLog());
    expect(opened?.insecureHosts).toEqual(['localhost:5000']);
    expect(opened?.keys.whyNot('localhost:5000/acme/api', caller)).toBeNull();
    expect(await openRegistries(machineWith(), keepingLog())).toBeNull();
  });

  it('is refused with every mistake of the file, and without the lines that may hold a secret', async () => {
    await writeFile(
      file(),
      '- { host: quay.io, projects: [acme/api], uses: [upload], from: { env: { user: ada, password: "hunter2 !" } } }\n- { hots: a }\n',
    );
    const opening = openRegistries(machineWith({ SLUICE_REGISTRIES: file() }), keepingLog());
    await expect(opening).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('`password`') });
    await expect(opening).rejects.toMatchObject({ message: expect.stringContaining('did you mean `host`?') });
    await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
    await rm(file());
  });

  it('is refused where it names secrets of a cluster and there is none', async () => {
    await writeFile(file(), '- { host: quay.io, projects: [acme/api], uses: [upload], from: { secret: quay } }\n');
    const machine = machineWith({ SLUICE_REGISTRIES: file(), KUBECONFIG: '/nonexistent/kubeconfig' });
    await expect(openRegistries(machine, keepingLog())).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('there is no kubeconfig file /nonexistent/kubeconfig'),
    });
  });
});
