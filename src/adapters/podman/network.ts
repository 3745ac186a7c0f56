import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runPodman } from './podman-command.ts';
import type { PodmanStore } from './settings.ts';
import { prepareStore, storePaths, writeWhole } from './store.ts';

export interface BuildNetwork {
  /** For `PodmanSettings.network`. */
  readonly name: string;
  /** The host's address in it, up from now on: what builds shall reach must listen here. */
  readonly gateway: string;
  /** Takes interface and configuration away; throws while pods still use it, and is done when it is gone already. */
  readonly remove: () => Promise<void>;
}

interface NetworkFile {
  readonly name: string;
  readonly network_interface: string;
  readonly subnets: readonly { readonly subnet: string; readonly gateway: string }[];
}

const run = promisify(execFile);

/**
 * A network of the store on which builds reach the gateway address and nothing else: no route leads out of it, and the host's
 * loopback is not in it. What listens on all of the host's addresses is reachable through the gateway, too.
 * The same name again gives the same network; its address survives.
 */
export async function createBuildNetwork(store: PodmanStore, name: string): Promise<BuildNetwork> {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) {
    throw new Error(
      `a network cannot be called ${JSON.stringify(name)}: use up to 41 of a-z, 0-9 and -, a letter first`,
    );
  }
  await prepareStore(store);
  const file = join(storePaths(store.folder).networks, `${name}.json`);
  const known = await readNetwork(file);
  const made = known === null ? await claimBridge(name) : await reviveBridge(known);
  if (known === null) await writeWhole(file, `${JSON.stringify(describe(made, name))}\n`);
  return { name, gateway: made.gateway, remove: () => removeNetwork(store, name, made.bridge, file) };
}

interface Bridge {
  readonly bridge: string;
  readonly subnet: string;
  readonly gateway: string;
}

function bridgeFor(number: number): Bridge {
  const [third, fourth] = [200 + (number >> 8), number & 255];
  return { bridge: `slb${third}x${fourth}`, subnet: `10.${third}.${fourth}.0/24`, gateway: `10.${third}.${fourth}.1` };
}

const candidates = 56 * 256;

// The interface's name is made of the subnet: of two that choose the same one, the kernel refuses the second.
async function claimBridge(name: string): Promise<Bridge> {
  const taken = (await run('ip', ['-4', '-o', 'addr'])).stdout + (await run('ip', ['-4', 'route'])).stdout;
  const first = [...name].reduce(
    (sum, letter) => (sum * 31 + letter.charCodeAt(0)) % candidates,
    process.pid % candidates,
  );
  for (let step = 0; step < 64; step++) {
    const bridge = bridgeFor((first + step * 37) % candidates);
    if (taken.includes(bridge.gateway.replace(/1$/, ''))) continue;
    if (await raiseBridge(bridge)) return bridge;
  }
  throw new Error('no free subnet among 64 tried in 10.200.0.0/13 to 10.255.0.0/16 for a build network');
}

async function reviveBridge(known: NetworkFile): Promise<Bridge> {
  const subnet = known.subnets[0];
  if (subnet === undefined) throw new Error(`network ${known.name} has no subnet`);
  const bridge = { bridge: known.network_interface, subnet: subnet.subnet, gateway: subnet.gateway };
  await raiseBridge(bridge);
  return bridge;
}

/** False when an interface of that name is there already. */
async function raiseBridge({ bridge, gateway }: Bridge): Promise<boolean> {
  try {
    await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
  } catch (cause) {
    if (/File exists/.test(String(cause))) return false;
    throw new Error(`cannot create network interface ${bridge}`, { cause });
  }
  try {
    await configureBridge(bridge, gateway);
  } catch (cause) {
    await dropLink(bridge);
    throw new Error(`cannot set up network interface ${bridge}`, { cause });
  }
  return true;
}

async function configureBridge(bridge: string, gateway: string): Promise<void> {
  const keeper = `${bridge}k`;
  await writeFile(`/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`, '1');
  // A bridge without an address of its own takes its members' lowest, and is unreachable for a while whenever they change.
  await run('ip', ['link', 'set', 'dev', bridge, 'address', hardwareAddress(gateway)]);
  await run('ip', ['addr', 'add', `${gateway}/24`, 'dev', bridge]);
  // Netavark deletes a bridge with its last member, and an address that servers listen on with it: a member of ours keeps it.
  await run('ip', ['link', 'add', keeper, 'type', 'veth', 'peer', 'name', `${bridge}p`]);
  await run('ip', ['link', 'set', keeper, 'master', bridge]);
  // The keeper's other end stays down: up, it answers for the gateway's address, too, and a pod that believes it is cut off.
  for (const link of [keeper, bridge]) await run('ip', ['link', 'set', link, 'up']);
}

/** Locally administered, one for each gateway. */
function hardwareAddress(gateway: string): string {
  const bytes = gateway.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return ['02', '53', ...bytes].join(':');
}

function describe(bridge: Bridge, name: string): object {
  const id = Buffer.from(name.padEnd(32, '.')).toString('hex').slice(0, 64);
  const subnets = [{ subnet: bridge.subnet, gateway: bridge.gateway }];
  const fixed = { driver: 'bridge', ipv6_enabled: false, internal: true, dns_enabled: false };
  return { name, id, network_interface: bridge.bridge, subnets, ...fixed, ipam_options: { driver: 'host-local' } };
}

async function readNetwork(file: string): Promise<NetworkFile | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as NetworkFile;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot read the network file ${file}`, { cause });
  }
}

async function removeNetwork(store: PodmanStore, name: string, bridge: string, file: string): Promise<void> {
  await mkdir(storePaths(store.folder).networks, { recursive: true });
  if ((await readNetwork(file)) !== null) {
    const { code, words } = await runPodman(store, ['network', 'rm', name]);
    if (code !== 0 && !/not found/.test(words)) throw new Error(`podman does not remove network ${name}: ${words}`);
  }
  await rm(file, { force: true });
  await dropLink(`${bridge}k`);
  await dropLink(bridge);
}

async function dropLink(link: string): Promise<void> {
  try {
    await run('ip', ['link', 'del', link]);
  } catch (cause) {
    if (!/Cannot find device/.test(String(cause)))
      throw new Error(`cannot delete network interface ${link}`, { cause });
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
