import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBuildNetwork } from '../../../src/adapters/podman/network.ts';
import { removeStore } from '../../../src/adapters/podman/remove-store.ts';
import type { PodmanStore } from '../../../src/adapters/podman/settings.ts';
import { podmanAbsence } from './podman-subject.ts';

const absence = await podmanAbsence();
const run = promisify(execFile);

describe.skipIf(absence !== null)(`a network for builds ${absence ?? ''}`, { timeout: 30_000 }, () => {
  let store: PodmanStore;
  let before: string;

  beforeEach(async () => {
    store = { folder: await mkdtemp(join(tmpdir(), 'sluice-network-')), images: null, podman: '/usr/bin/podman' };
    before = await links();
  });

  afterEach(() => removeStore(store));

  async function links(): Promise<string> {
    // Names alone: the state of another session's interfaces changes as its pods come and go.
    const { stdout } = await run('ip', ['-br', 'link']);
    return [...stdout.matchAll(/^slb\S+/gm)].map(String).sort().join('\n');
  }

  it('has an address that a server can be bound to before any pod runs', async () => {
    const network = await createBuildNetwork(store, 'early');
    const server = createServer().listen(0, network.gateway);
    try {
      await once(server, 'listening');
      expect(network.gateway).toMatch(/^10\.2\d\d\.\d+\.1$/);
    } finally {
      server.close();
      await network.remove();
    }
  });

  it('is the same network under the same name, and another one under another', async () => {
    const [first, again] = [await createBuildNetwork(store, 'one'), await createBuildNetwork(store, 'one')];
    const other = await createBuildNetwork(store, 'two');
    expect(again.gateway).toBe(first.gateway);
    expect(other.gateway).not.toBe(first.gateway);
    await first.remove();
    await again.remove();
    await other.remove();
  });

  it('comes back with its address when the machine has lost the interface', async () => {
    const first = await createBuildNetwork(store, 'one');
    const [, third, fourth] = first.gateway.split('.');
    await run('ip', ['link', 'del', `slb${third}x${fourth}`]);
    await run('ip', ['link', 'del', `slb${third}x${fourth}k`]);
    const again = await createBuildNetwork(store, 'one');
    expect(again.gateway).toBe(first.gateway);
    expect((await run('ip', ['-4', '-o', 'addr'])).stdout).toContain(first.gateway);
    await again.remove();
  });

  it('leaves no interface and no file behind, however often it is removed', async () => {
    const network = await createBuildNetwork(store, 'one');
    expect(await links()).not.toBe(before);
    await network.remove();
    await network.remove();
    expect(await links()).toBe(before);
    await (await createBuildNetwork(store, 'one')).remove();
    expect(await links()).toBe(before);
  });

  it.each(['', 'A', '../x', 'a b', '1a', 'x'.repeat(42)])('refuses the name %j', async (name) => {
    await expect(createBuildNetwork(store, name)).rejects.toThrow(/cannot be called/);
  });
});
