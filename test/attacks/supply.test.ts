import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('what our images are made of (A43)', () => {
  it('is locked to its bytes: every package by a SHA-512, from nowhere but the registry', () => {
    expect(packages.length).toBeGreaterThan(100);
    const loose = packages.filter(
      ([, { integrity, resolved, link }]) =>
        link === true ||
        !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ||
        !(resolved ?? 'https://registry.npmjs.org/').startsWith('https://registry.npmjs.org/'),
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('is asked for by exact versions, so that a lock that is written anew changes nothing by itself', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Readonly<Record<string, string>> | undefined>;
    const asked = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('is installed from the lock alone', () => {
    const installs = read('Dockerfile').match(/\b(?:npm|npx|yarn|pnpm|curl|wget)\b[^\n&|]*/g);
    expect(installs?.map((words) => words.trim().split(' ').slice(0, 2).join(' '))).toEqual(['npm ci']);
  });
});
