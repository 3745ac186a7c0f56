import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { appFileIn } from './cli/app-file.ts';
import { cliError } from './cli/exit-codes.ts';
import type { ServerSettings } from './server-settings.ts';

/** The App that a server acts as. */
export interface AppCredentials {
  readonly appId: number;
  readonly privateKey: string;
  /** Empty where the App has no webhook. */
  readonly webhookSecrets: readonly string[];
  /** Web address of its GitHub. */
  readonly github: string;
  /** Where it delivers to; null: nowhere, or not known here. */
  readonly publicUrl: string | null;
  /** Where this was read, for people. */
  readonly source: string;
}

const appFile = z.object({
  appId: z.int().positive(),
  privateKey: z.string().min(1),
  /** Several during a rotation; all of them count. */
  webhookSecret: z.union([z.string(), z.array(z.string())]),
  github: z.url(),
  publicUrl: z.string().nullable(),
});

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cliError('usage', `cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw cliError(
      'usage',
      `${file} is not JSON: restore it from your copy, or run "sluice setup" into another folder`,
      cause,
    );
  }
}

function demandPem(text: string, source: string): string {
  try {
    createPrivateKey(text);
    return text;
  } catch (cause) {
    throw cliError(
      'usage',
      `the private key from ${source} is no PEM key: it begins with "-----BEGIN RSA PRIVATE KEY-----"`,
      cause,
    );
  }
}

async function fromEnvironment(app: ServerSettings['app']): Promise<AppCredentials | null> {
  if (app.id === null) return null;
  if (!/^[1-9]\d{0,14}$/.test(app.id))
    throw cliError('usage', `SLUICE_APP_ID is ${JSON.stringify(app.id)}: it must be the numeric id of the App`);
  const written =
    app.privateKey?.replaceAll('\\n', '\n') ??
    (app.privateKeyFile === null ? null : await readText(app.privateKeyFile));
  if (written === null)
    throw cliError(
      'usage',
      `SLUICE_APP_ID is set, and ${app.privateKeyFile ?? 'neither SLUICE_PRIVATE_KEY nor SLUICE_PRIVATE_KEY_FILE'} is there`,
    );
  const privateKey = demandPem(written, app.privateKey === null ? String(app.privateKeyFile) : 'SLUICE_PRIVATE_KEY');
  return {
    appId: Number(app.id),
    privateKey,
    webhookSecrets: app.webhookSecrets,
    github: app.github,
    publicUrl: null,
    source: 'the environment',
  };
}

/** From the environment, where it names an App, else from the file of `sluice setup`; throws a usage error that says what is missing. */
export async function readAppCredentials(folder: string, app: ServerSettings['app']): Promise<AppCredentials> {
  const named = await fromEnvironment(app);
  if (named) return named;
  const file = appFileIn(folder);
  const text = await readText(file);
  if (text === null)
    throw cliError(
      'usage',
      `there is no App: ${file} is not there and SLUICE_APP_ID is not set; "sluice setup --out ${folder}" registers one`,
    );
  const parsed = appFile.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw cliError(
      'usage',
      `${file} is not what "sluice setup" writes: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const { appId, privateKey, webhookSecret, github, publicUrl } = parsed.data;
  // Secrets from the environment come first: during a rotation both count.
  const webhookSecrets = [...app.webhookSecrets, ...[webhookSecret].flat().filter((secret) => secret !== '')];
  return { appId, privateKey: demandPem(privateKey, file), webhookSecrets, github, publicUrl, source: file };
}
