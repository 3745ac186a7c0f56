import { runGit } from './git.ts';
import { remembered } from './remembered.ts';
import type { World } from './world.ts';

/** Null for a commit without a signature; no key is looked at: a signature counts if the committer has an account. */
export async function signatureOf(
  world: World,
  folder: string,
  sha: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly isValid: boolean } | null> {
  const head = await remembered(folder, 'commit head', [sha], async () => {
    const { code, stdout } = await runGit(folder, ['cat-file', 'commit', sha], { env });
    return code === 0 ? (stdout.toString().split('\n\n')[0] ?? '') : null;
  });
  if (head === null) return null;
  if (!/^gpgsig /m.test(head)) return null;
  const email = /^committer .* <(.*)> /m.exec(head)?.[1];
  return { isValid: [...world.accounts.values()].some((account) => account.email === email) };
}

/** What GitHub calls verified. */
export async function isVerified(
  world: World,
  folder: string,
  sha: string,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  return (await signatureOf(world, folder, sha, env))?.isValid ?? false;
}
