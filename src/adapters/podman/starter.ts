import { spawn } from 'node:child_process';
import type { PodManifest } from '../../model/pod.ts';
import { buildPaths } from './record.ts';
import type { PodmanSettings } from './settings.ts';
import { storeEnvironment, storePaths } from './store.ts';
import { earlySecrets } from './translate-manifest.ts';

// Runs in a session of its own and so outlives the worker. `mkdir` decides between two starters of one build. Podman's `pod start`
// waits for the init containers and holds the pod's lock for so long: nothing but its starter may touch the *pod* meanwhile.
// `kube play` gives no pids limit, so the pod's own cgroup gets it (first line: cgroup v1, second: v2).
// Each step leaves `<step>.out` and then, in one rename, `<step>.code`.
const script = `set -u
podman=$1 pod=$2 network=$3 pids=$4 log=$5 grace=$6
shift 6
mkdir claimed 2>/dev/null || exit 0
note() { printf '%s' "$2" >"$1.new" && mv "$1.new" "$1"; }
note starter "$$ $(cut -d' ' -f22 /proc/$$/stat)"
"$podman" kube play --quiet --start=false --network="$network" --log-opt=max-size="$log" pod.json >create.out 2>&1
code=$?
note create.code $code
[ $code = 0 ] || exit 0
id=$(sed -n '/^Pod:/{n;p;}' create.out)
for group in "/sys/fs/cgroup/pids/libpod_parent/$id" "/sys/fs/cgroup/libpod_parent/$id"; do
  [ -e "$group/pids.max" ] && printf '%s' "$pids" >"$group/pids.max"
done
"$podman" pod start "$pod" >start.out 2>&1
code=$?
[ $# = 0 ] || rm -rf -- "$@"
note start.code $code
[ $code = 0 ] || "$podman" pod stop -t "$grace" "$pod" >/dev/null 2>&1
`;

/** Begins to create and start the pod of a prepared folder, unless somebody has begun; does not wait for it. */
export function launchStarter(settings: PodmanSettings, manifest: PodManifest): void {
  const { folder } = buildPaths(storePaths(settings.store.folder).builds, manifest.metadata.name);
  const network = settings.network === 'host' ? 'host' : settings.network.name;
  const numbers = [settings.pidsLimit, settings.logLimit, manifest.spec.terminationGracePeriodSeconds].map(String);
  const words = [settings.store.podman, manifest.metadata.name, network, ...numbers, ...earlySecrets(manifest, folder)];
  const child = spawn('/bin/sh', ['-c', script, 'starter', ...words], {
    cwd: folder,
    env: storeEnvironment(settings.store.folder),
    stdio: 'ignore',
    detached: true,
  });
  // A shell that cannot be started leaves no claim, which whoever waits for it sees.
  child.once('error', () => child.unref());
  child.unref();
}
