import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { documents } from '../../src/adapters/github/documents.ts';
import { writeAppFile } from '../../src/cli/app-file.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import { startRegistry } from '../../src/demo/scenario/registry.ts';
import type { Front } from '../harness/front.ts';
import { clusterFolder } from './cluster-program.ts';

/** Where pods reach this machine. */
export const bridge = '10.77.0.1';
export const root = join(import.meta.dirname, '../..');
/** Where programs of the system are found, those of root too. */
export const searchPath = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** A registry that pods reach, with the image that Dockerfiles of the tests start from. */
export async function startBaseRegistry(folder: string) {
  const place = join(folder, 'registry');
  await mkdir(place);
  const registry = await startRegistry(place, bridge, searchPath);
  const baseImage = `${registry.address}/base/busybox:1`;
  const archive = `docker-archive:${join(clusterFolder, 'images/busybox.tar')}`;
  const words = ['copy', '--quiet', '--dest-tls-verify=false', archive, `docker://${baseImage}`];
  await promisify(execFile)('skopeo', words, { env: { PATH: searchPath, HOME: folder, TMPDIR: folder } });
  return { ...registry, baseImage };
}

interface AppManifest {
  readonly default_permissions: Readonly<Record<string, 'read' | 'write' | 'admin'>>;
  readonly default_events: readonly string[];
}

/** A GitHub with the organisation `acme`, whose member `ada` may be given rights, and our App on it. */
export async function startForge(
  folder: string,
  front: Front,
): Promise<{ github: StandInGitHub; data: string; appId: number }> {
  const data = join(folder, 'data');
  await mkdir(join(folder, 'github'));
  const github = await startGitHub({ folder: join(folder, 'github'), host: bridge, now: Date.now, documents });
  await github.createOrganization('acme');
  await github.createUser('ada');
  const manifest = parse(readFileSync(join(root, 'app.yml'), 'utf8')) as AppManifest;
  const app = await github.createApp({
    owner: 'acme',
    name: 'sluice',
    permissions: manifest.default_permissions,
    events: [...manifest.default_events],
    webhookUrl: `${front.url}/api/github/webhooks`,
  });
  await github.installApp(app.appId, 'acme');
  const { appId, privateKey, webhookSecret } = app;
  const names = { slug: 'sluice', clientId: 'Iv1.x', clientSecret: 'x', htmlUrl: `${github.url}/apps/sluice` };
  await writeAppFile(data, {
    schema: 1,
    github: github.url,
    publicUrl: null,
    ...names,
    appId,
    privateKey,
    webhookSecret,
  });
  return { github, data, appId };
}
