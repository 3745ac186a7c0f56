import type { Redis } from 'ioredis';
import { setting } from './durability.ts';
import { isReply } from './script.ts';

/**
 * Whether other machines may use this server without a password (intake A40): its default user is on and needs none, and
 * it listens on more than a socket and the machine's own addresses. What the server does not tell is taken as well set.
 */
export async function isOpenToAll(redis: Redis): Promise<boolean> {
  const [bind, ...ports] = await Promise.all(['bind', 'port', 'tls-port'].map((name) => setting(redis, name)));
  const listens = ports.some((port) => port != null && port !== '' && port !== '0');
  return listens && !isLocal(bind ?? null) && (await needsNoPassword(redis));
}

/** An empty list is every address; a leading dash marks one that may be missing. */
function isLocal(bind: string | null): boolean {
  if (bind === null) return true;
  const addresses = bind.split(' ').filter((address) => address !== '');
  return addresses.length > 0 && addresses.every((address) => /^-?(127\.|::1$|localhost$)/.test(address));
}

async function needsNoPassword(redis: Redis): Promise<boolean> {
  try {
    const told = await redis.call('ACL', 'GETUSER', 'default');
    const at = Array.isArray(told) ? told.indexOf('flags') + 1 : 0;
    const flags: unknown = Array.isArray(told) && at > 0 ? told[at] : [];
    return Array.isArray(flags) && flags.includes('on') && flags.includes('nopass');
  } catch (cause) {
    if (isReply(cause, 'ERR') || isReply(cause, 'NOPERM')) return false;
    throw cause;
  }
}
