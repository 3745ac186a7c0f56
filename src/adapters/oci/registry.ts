import type { FoundManifest, RegistryCaller } from '../../model/registry.ts';
import type { KnownRegistry } from '../../model/registry-rule.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Registry } from '../../ports/registry.ts';
import type { RegistryKeys } from '../../ports/registry-keys.ts';
import { copyImage } from './copy-image.ts';
import { createHttp, type Http } from './http.ts';
import { listTags } from './list-tags.ts';
import { getManifest } from './manifest-calls.ts';
import { putIndex } from './put-index.ts';
import { kindOf } from './registry-kinds.ts';
import { openRepository, type Repository } from './repository.ts';
import { tagImage, untagImage } from './tag-image.ts';

export interface RegistrySettings {
  readonly keys: RegistryKeys;
  readonly clock: Clock;
  /** Hosts that are spoken to over plain HTTP. */
  readonly insecure: readonly string[];
  /** What the registries of these hosts are, where their names do not tell. */
  readonly known?: Readonly<Record<string, KnownRegistry>>;
  /** How long a registry may say nothing, in milliseconds. */
  readonly silenceMs?: number;
  /** Of everything but copies, where whoever calls comes back by himself; left out: three. */
  readonly tries?: number;
}

const defaultSilenceMs = 60_000;

/** Registries over HTTP; `close` lets go of connections. A file `ca.crt` among a caller's files is trusted, too. */
export function createRegistry(settings: RegistrySettings): Registry & { close(): void } {
  const { keys, clock, insecure, known = {} } = settings;
  const https = new Map<string, Http>();
  const never = new AbortController().signal;

  function httpFor(ca: string): Http {
    const found = https.get(ca) ?? createHttp(ca === '' ? undefined : ca);
    https.set(ca, found);
    return found;
  }

  async function open(name: string, caller: RegistryCaller, copying: AbortSignal | null = null): Promise<Repository> {
    const files = await keys.filesFor(name, caller);
    return openRepository(name, files, {
      http: httpFor(files['ca.crt'] ?? ''),
      clock,
      signal: copying ?? never,
      ...(copying === null && settings.tries !== undefined ? { tries: settings.tries } : {}),
      insecure: insecure.includes(name.split('/')[0] ?? ''),
      silenceMs: settings.silenceMs ?? defaultSilenceMs,
    });
  }

  return {
    async find(repository, reference, caller): Promise<FoundManifest | null> {
      const found = await getManifest(await open(repository, caller), reference);
      return found && { digest: found.digest, mediaType: found.mediaType, bytes: found.content.length };
    },
    async copy(from, to, callers, signal) {
      const source = await open(from.repository, callers.from, signal);
      return copyImage(source, await open(to, callers.to, signal), from.digest);
    },
    tag: async ({ repository, digest }, tag, caller) => tagImage(await open(repository, caller), digest, tag),
    async untag(repository, tag, digest, caller) {
      const opened = await open(repository, caller);
      return untagImage(opened, () => kindOf(opened.place, opened.challenge(), known), digest, tag);
    },
    tags: async (repository, caller) => listTags(await open(repository, caller)),
    putIndex: async (repository, children, caller) => putIndex(await open(repository, caller), children),
    close() {
      for (const http of https.values()) http.close();
    },
  };
}
