import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startRegistry } from './registry.ts';
import { openDoor } from './registry-door.ts';

const run = promisify(execFile);

/** Who may write there: a name, a password, and the line of the registry's password file, which takes bcrypt alone. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly htpasswd: string;
}

/** Registries that are there for a minute, on this machine alone: their passwords need not be secret, only right. */
export const accounts = {
  staging: {
    user: 'gate',
    password: 'waits-to-be-tested',
    htpasswd: 'gate:$2y$05$Pf4TjdQfTnl5JaHNu1PRTOpf7K4Gg.dCOp6LgvSUQQ2LWjZvmJWzi',
  },
  final: {
    user: 'promoter',
    password: 'pulled-by-people',
    htpasswd: 'promoter:$2y$05$Qf4TjdQfTnl5JaHNu1PRTOwp29iV72GIHt2FAR2GKZbHeykfa3qC6',
  },
} as const satisfies Record<string, Account>;

export interface GuardedWishes {
  /** Everything of it lies below. */
  readonly folder: string;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly path: string;
  readonly account: Account;
  /** Whether everybody may pull. */
  readonly openToRead: boolean;
}

/** A real registry that takes nothing without its password. */
export interface GuardedRegistry {
  /** `host:port`, as in image names. */
  readonly address: string;
  /** A Docker configuration with its credential. */
  readonly authFile: string;
  /** What `skopeo inspect` says that a tag of `name` means; null: there is no such tag. */
  digestOf(name: string, tag: string): Promise<string | null>;
  /** Tags of `name`, none where it is not there. */
  tagsOf(name: string): Promise<readonly string[]>;
  /** Kills it before the matching request (`METHOD path`), after so many that it still answered. */
  killBefore(line: RegExp, through: number): void;
  isKilled(): boolean;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

interface SkopeoFailure {
  readonly stderr?: string;
}

/** What skopeo says; null: the registry has no such name. */
async function askSkopeo(args: readonly string[], path: string, home: string): Promise<string | null> {
  try {
    const { stdout } = await run('skopeo', args, { env: { PATH: path, HOME: home, TMPDIR: home } });
    return stdout.trim();
  } catch (cause) {
    const { stderr = '' } = cause as SkopeoFailure;
    if (/manifest unknown|name unknown|404 \(Not Found\)/i.test(stderr)) return null;
    throw new Error(`skopeo ${args[0]} failed: ${stderr.trim() || String(cause)}`, { cause });
  }
}

export async function startGuardedRegistry(wishes: GuardedWishes): Promise<GuardedRegistry> {
  const { folder, host, port, path, account, openToRead } = wishes;
  await mkdir(folder, { recursive: true });
  const passwords = join(folder, 'htpasswd');
  await writeFile(passwords, `${account.htpasswd}\n`);
  const registry = await startRegistry(folder, host, path, passwords);
  const auth = Buffer.from(`${account.user}:${account.password}`).toString('base64');
  const reader = openToRead ? `Basic ${auth}` : null;
  const door = await openDoor({ host, port, target: registry.address, reader }).catch(async (cause) => {
    await registry.stop();
    throw cause;
  });
  let killed = false;
  const authFile = join(folder, 'config.json');
  await writeFile(authFile, JSON.stringify({ auths: { [door.address]: { auth } } }), { mode: 0o600 });
  const options = ['--tls-verify=false', '--authfile', authFile];
  return {
    address: door.address,
    authFile,
    digestOf(name, tag) {
      const image = `docker://${door.address}/${name}:${tag}`;
      return askSkopeo(['inspect', ...options, '--no-tags', '--format', '{{.Digest}}', image], path, folder);
    },
    async tagsOf(name) {
      const said = await askSkopeo(['list-tags', ...options, `docker://${door.address}/${name}`], path, folder);
      return said === null ? [] : (JSON.parse(said) as { readonly Tags: readonly string[] }).Tags;
    },
    killBefore: (line, through) =>
      door.before(line, through, async () => {
        await registry.kill();
        killed = true;
      }),
    isKilled: () => killed,
    async startAgain() {
      await registry.startAgain();
      killed = false;
    },
    async stop() {
      await door.close();
      await registry.stop();
    },
  };
}
