import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Machine, makeMachine, runCommand } from './machine-fixture.ts';

let machine: Machine;
afterEach(() => machine.remove());

/** A Node that says it is older than it is. */
async function startOld(...words: string[]) {
  const old = join(machine.bin, 'old.mjs');
  await writeFile(old, `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });`);
  const script = join(machine.clone, 'scripts', 'sluice.mjs');
  return runCommand([process.execPath, '--import', old, script, ...words], machine.env);
}

describe('the command sluice', () => {
  it('starts main at once under a Node that can run it', async () => {
    machine = await makeMachine();
    const script = join(machine.clone, 'scripts', 'sluice.mjs');
    const { code, out } = await runCommand([process.execPath, script, 'check', 'a b'], machine.env);
    expect([code, JSON.parse(out).argv]).toEqual([0, ['check', 'a b']]);
  });

  it('under an older one it takes the Node that npm brought along, and gives its exit code', async () => {
    machine = await makeMachine();
    const bundled = join(machine.clone, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
    await mkdir(bundled, { recursive: true });
    await writeFile(join(bundled, 'node'), `#!/bin/sh\necho "bundled $*" >&2\nexec ${process.execPath} "$@"\n`);
    await chmod(join(bundled, 'node'), 0o755);
    const { code, out, err } = await startOld('check', '--fail');
    expect([code, JSON.parse(out).argv]).toEqual([7, ['check', '--fail']]);
    expect(err).toContain(`bundled ${machine.clone}/src/main.ts check --fail`);
  });

  it('where there is none it says what is needed and how to get it', async () => {
    machine = await makeMachine();
    const { code, out, err } = await startOld('check');
    expect([code, out]).toEqual([3, '']);
    expect(err).toMatch(/^sluice: Node 22\.19 or newer is needed; this is 20\.20\.2, .*https:\/\/nodejs\.org/s);
  });

  it('a bundled Node that does not run here is not taken', async () => {
    machine = await makeMachine();
    const bundled = join(machine.clone, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin');
    await mkdir(bundled, { recursive: true });
    await writeFile(join(bundled, 'node'), '#!/nowhere/ld-linux.so\n');
    await chmod(join(bundled, 'node'), 0o755);
    expect((await startOld('check')).code).toBe(3);
  });
});
