export interface EmbeddedServer {
  /** For `openRedis`. */
  readonly address: string;
  /** To be shown once to whoever started it. */
  readonly warning: string;
  stop(): Promise<void>;
}

/** A Redis inside this process for trying things out where none is installed: memory only, slow with many jobs. */
export async function startEmbeddedRedis(): Promise<EmbeddedServer> {
  // It brings a Lua in WebAssembly, which only those who need it should load.
  const { createRedisMock } = await import('js-redis-server');
  const server = await createRedisMock();
  return {
    address: server.url,
    warning:
      'No redis-server found: using one inside this process. It keeps everything in memory, so a restart begins anew from GitHub, and it is made for small numbers only. Install one with "apt install redis-server" or "brew install redis".',
    stop: () => server.close(),
  };
}
