import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { findProgram } from './find-program.mjs';
import { runWithProgress, say } from './progress.mjs';

/**
 * What builds, tests and the demo use of the system: one of `programs` must be there. `debian` and `fedora` name the
 * package; `debianOnly` asks dpkg instead, where a program's name does not tell (a static busybox).
 */
const needs = [
  { programs: ['git'], debian: 'git', fedora: 'git' },
  { programs: ['redis-server', 'valkey-server'], debian: 'redis-server', fedora: 'valkey' },
  { programs: ['podman'], debian: 'podman', fedora: 'podman' },
  { programs: ['buildah'], debian: 'buildah', fedora: 'buildah' },
  { programs: ['runc'], debian: 'runc', fedora: 'runc' },
  { programs: ['catatonit'], debian: 'catatonit', fedora: 'catatonit' },
  { programs: ['netavark'], debian: 'netavark', fedora: 'netavark' },
  { programs: ['aardvark-dns'], debian: 'aardvark-dns', fedora: 'aardvark-dns' },
  { programs: ['docker-registry', 'registry'], debian: 'docker-registry', fedora: 'docker-distribution' },
  { programs: ['skopeo'], debian: 'skopeo', fedora: 'skopeo' },
  { programs: ['ip'], debian: 'iproute2', fedora: 'iproute' },
  { programs: ['iptables'], debian: 'iptables', fedora: 'iptables-nft' },
  { programs: ['newuidmap'], debian: 'uidmap', fedora: 'shadow-utils' },
  { programs: ['busybox'], debian: 'busybox-static', fedora: 'busybox', debianOnly: true },
  { programs: ['update-ca-certificates', 'update-ca-trust'], debian: 'ca-certificates', fedora: 'ca-certificates' },
];

// A service that a package brings is not started (policy-rc.d, only where the machine has no policy of its own) and
// not left to be started at the next boot. What this release of the distribution does not have is left out.
const install = `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
for package do
  shift
  if apt-cache show "$package" > /dev/null 2>&1; then set -- "$@" "$package"; fi
done
[ $# -eq 0 ] || apt-get install -y -qq --no-install-recommends "$@"
if [ -d /run/systemd/system ]; then
  for package do
    case $package in redis-server|docker-registry) systemctl disable --quiet "$package" || true ;; esac
  done
fi
`;

/**
 * Installs what is missing where that can be done here: by apt-get as root, by sudo after asking on a terminal. Else it
 * says what is missing and how to get it. Gives whether everything is there now.
 */
export async function readySystemPackages(mayInstall) {
  const missing = findMissing();
  if (missing.length === 0) return true;
  if (mayInstall && (await mayUseApt(missing))) {
    const what = `installing ${missing.map(({ debian }) => debian).join(' ')}`;
    const [program, ...words] = process.getuid() === 0 ? ['sh'] : ['sudo', 'sh'];
    const packages = missing.map(({ debian }) => debian);
    await runWithProgress(what, program, [...words, '-c', install, 'install', ...packages]);
  }
  const still = findMissing();
  if (still.length > 0) say(howToGet(still));
  return still.length === 0;
}

function findMissing() {
  const missing = needs.filter(({ programs }) => programs.every((name) => findProgram(name) === null));
  const others = needs.filter((need) => need.debianOnly && isDebian() && !missing.includes(need));
  return [...missing, ...others.filter(({ debian }) => !isInstalled(debian))];
}

function isDebian() {
  return findProgram('apt-get') !== null && findProgram('dpkg-query') !== null;
}

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return /^Status: .* installed$/m.test(stdout ?? '');
}

async function mayUseApt(missing) {
  if (!isDebian()) return false;
  if (process.getuid() === 0) return true;
  if (findProgram('sudo') === null || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  const names = missing.map(({ debian }) => debian).join(' ');
  const answer = await questions.question(`These packages are missing: ${names}\nInstall them with sudo? [Y/n] `);
  questions.close();
  if (!/^(?:y|yes|)$/i.test(answer.trim())) return false;
  // The password is asked for here, before a spinner takes the line.
  return spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0;
}

function howToGet(missing) {
  const programs = missing.map(({ programs }) => programs.join(' or ')).join(', ');
  const lines = [`Missing on this machine: ${programs}.`];
  if (isDebian()) lines.push(`  Get them: sudo apt-get install ${missing.map(({ debian }) => debian).join(' ')}`);
  else if (findProgram('dnf'))
    lines.push(`  Get them: sudo dnf install ${missing.map(({ fedora }) => fedora).join(' ')}`);
  else if (process.platform === 'darwin')
    lines.push('  Get them: brew install redis git; image builds need Linux, so use a virtual machine for the rest.');
  else
    lines.push(
      '  Get them from your distribution; on Debian they are',
      `    ${missing.map((n) => n.debian).join(' ')}`,
    );
  return [...lines, '  Going on without them: what needs them is left out, and says so.'].join('\n');
}
