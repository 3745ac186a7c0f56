import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openKubeconfig } from '../../../src/adapters/kubernetes/cluster-access.ts';
import { whyNotReachable } from '../../../src/adapters/kubernetes/namespaces.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

function config(name: string, server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
    'current-context': name,
  });
}

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe('a kubeconfig', () => {
  it('gives the server, namespace and credentials of its current context', async () => {
    const files = await write('a', config('a', 'https://127.0.0.1:1', 'token-of-a'));
    const access = openKubeconfig({ files, context: null });
    expect(access).toMatchObject({ server: 'https://127.0.0.1:1', namespace: 'of-a', context: 'a' });
    expect(await access.authorize()).toMatchObject({ headers: { Authorization: 'Bearer token-of-a' } });
  });

  it('of several files begins in the context of the first, and another can be asked for', async () => {
    const first = await write('a', config('a', 'https://127.0.0.1:1', 'token-of-a'));
    const second = await write('b', config('b', 'https://127.0.0.1:2', 'token-of-b'));
    const files = [first, second].join(delimiter);
    expect(openKubeconfig({ files, context: null })).toMatchObject({ context: 'a' });
    const other = openKubeconfig({ files, context: 'b' });
    expect(other).toMatchObject({ server: 'https://127.0.0.1:2', namespace: 'of-b' });
    expect(await other.authorize()).toMatchObject({ headers: { Authorization: 'Bearer token-of-b' } });
  });

  it('that is missing, broken or lacks the context is told in one sentence', async () => {
    const missing = join(folder, 'none');
    expect(() => openKubeconfig({ files: missing, context: null })).toThrow(`there is no kubeconfig file ${missing}`);
    const broken = await write('broken', '{ this is: [not');
    expect(() => openKubeconfig({ files: broken, context: null })).toThrow(`the kubeconfig ${broken} cannot be read`);
    const file = await write('a', config('a', 'https://127.0.0.1:1', 'x'));
    expect(() => openKubeconfig({ files: file, context: 'other' })).toThrow('has no context "other"');
  });

  it('of a cluster that is not there leads to a sentence, without its credentials', async () => {
    const files = await write('a', config('a', 'https://127.0.0.1:1', 'token-of-a'));
    const because = await whyNotReachable(openKubeconfig({ files, context: null }));
    expect(because).toMatch(
      /^the cluster of the context a at https:\/\/127\.0\.0\.1:1 does not answer: .*ECONNREFUSED/,
    );
    expect(because).not.toContain('token-of-a');
  });
});
