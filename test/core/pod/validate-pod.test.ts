import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { validatePod } from '../../../src/core/pod/validate-pod.ts';
import type { PodManifest } from '../../../src/model/pod.ts';
import { commandOrder, imageOrder, pool } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const good = renderPod(imageOrder({ project: { private: true } }), pool, library);
const command = renderPod(commandOrder(), pool, library);

type Tree = { [key: string]: Tree } & Tree[];

/** The manifest with one place of it changed; a list index counts as a key. `undefined` takes it away. */
function changed(manifest: PodManifest, path: string, value: unknown): PodManifest {
  const copy = structuredClone(manifest) as unknown as Tree;
  const keys = path.split('/');
  const last = keys.pop() ?? '';
  const place = keys.reduce((found, key) => found[key] as Tree, copy);
  if (value === undefined) delete (place as Record<string, unknown>)[last];
  else (place as Record<string, unknown>)[last] = value;
  return copy as unknown as PodManifest;
}

const secretMount = { name: 'git-token', mountPath: '/.sluice/git', readOnly: true };

describe('the validator of pods', () => {
  it('has nothing to say against what is rendered', () => {
    expect(validatePod(good, 'untrusted')).toEqual([]);
    expect(validatePod(command, 'untrusted')).toEqual([]);
  });

  it.each([
    ['a folder of the node', 'spec/volumes/0', { name: 'src', hostPath: { path: '/' } }],
    ['a folder of the node beside ours', 'spec/volumes/0/hostPath', { path: '/' }],
    ['a volume of another kind', 'spec/volumes/0', { name: 'src', projected: { sources: [] } }],
    ['a volume of another name', 'spec/volumes/3', { name: 'docker', emptyDir: {} }],
    ['another secret', 'spec/volumes/3', { name: 'home', secret: { secretName: 'x', defaultMode: 0o440 } }],
    ['a secret that all may read', 'spec/volumes/2/secret/defaultMode', 0o444],
    ['the node’s network', 'spec/hostNetwork', true],
    ['the node’s processes', 'spec/hostPID', true],
    ['the node’s IPC', 'spec/hostIPC', true],
    ['processes in common', 'spec/shareProcessNamespace', true],
    ['an account', 'spec/serviceAccountName', 'admin'],
    ['an account’s token', 'spec/automountServiceAccountToken', true],
    ['service links', 'spec/enableServiceLinks', true],
    ['pull credentials', 'spec/imagePullSecrets', [{ name: 'x' }]],
    ['a node by name', 'spec/nodeName', 'control-plane'],
    ['tolerations', 'spec/tolerations', [{ operator: 'Exists' }]],
    ['a priority', 'spec/priorityClassName', 'system-node-critical'],
    ['an ephemeral container', 'spec/ephemeralContainers', []],
    ['another restart policy', 'spec/restartPolicy', 'Always'],
    ['no deadline', 'spec/activeDeadlineSeconds', undefined],
    ['an endless deadline', 'spec/activeDeadlineSeconds', 10 ** 9],
    ['another group of its files', 'spec/securityContext/fsGroup', 0],
    ['sysctls', 'spec/securityContext/sysctls', [{ name: 'kernel.msgmax', value: '1' }]],
    ['no container', 'spec/containers', []],
    ['a name that is none', 'metadata/name', 'B_x'],
    ['a name that is too long', 'metadata/name', `b-${'a'.repeat(62)}`],
    ['an owner', 'metadata/ownerReferences', []],
    ['another namespace', 'metadata/namespace', 'kube-system'],
    ['a label with a slash in its value', 'metadata/labels/sluice.dev~job', 'a/b'],
    ['a label that is too long', 'metadata/labels/x', 'a'.repeat(64)],
    ['a label with a name that is none', 'metadata/labels/a b', 'x'],
    ['rights of another class of trust', 'metadata/labels/sluice.dev~trust', 'trusted'],
    ['a privileged builder', 'spec/initContainers/2/securityContext/privileged', true],
    ['one more capability', 'spec/initContainers/2/securityContext/capabilities/add', ['SYS_ADMIN']],
    ['one more capability of our own', 'spec/initContainers/1/securityContext/capabilities/add', ['CHOWN', 'FOWNER']],
    ['a capability of the checkout', 'spec/initContainers/0/securityContext/capabilities/add', ['CHOWN']],
    ['our own as another program', 'spec/initContainers/1/command', ['/bin/sh']],
    ['capabilities that are kept', 'spec/initContainers/2/securityContext/capabilities/drop', []],
    ['no seccomp profile', 'spec/initContainers/2/securityContext/seccompProfile', { type: 'Unconfined' }],
    ['an unmasked proc', 'spec/initContainers/2/securityContext/procMount', 'Unmasked'],
    ['capabilities for the checkout', 'spec/initContainers/0/securityContext/capabilities/add', ['CHOWN']],
    ['capabilities for the measuring', 'spec/containers/0/securityContext/capabilities/add', ['CHOWN']],
    ['a checkout as root', 'spec/initContainers/0/securityContext/runAsUser', 0],
    ['a checkout that may be root', 'spec/initContainers/0/securityContext/runAsNonRoot', false],
    ['a checkout that writes everywhere', 'spec/initContainers/0/securityContext/readOnlyRootFilesystem', false],
    ['a checkout that gains rights', 'spec/initContainers/0/securityContext/allowPrivilegeEscalation', true],
    ['an empty image', 'spec/initContainers/2/image', ''],
    ['an image with an option', 'spec/initContainers/2/image', '--privileged'],
    ['no limits', 'spec/initContainers/2/resources/limits', {}],
    ['no resources', 'spec/initContainers/2/resources', undefined],
    ['the secret in the builder', 'spec/initContainers/2/volumeMounts/2', secretMount],
    ['the secret in the measuring', 'spec/containers/0/volumeMounts/1', secretMount],
    ['a writable secret', 'spec/initContainers/0/volumeMounts/1', { ...secretMount, readOnly: false }],
    ['the secret in a checkout of other words', 'spec/initContainers/0/command', ['/bin/sh', '-c', 'x']],
    ['the secret in a checkout with arguments', 'spec/initContainers/0/args', ['x']],
    ['a mount somewhere else', 'spec/initContainers/2/volumeMounts/0/mountPath', '/'],
    ['a mount above ours', 'spec/initContainers/2/volumeMounts/0/mountPath', '/.sluice'],
    ['a mount by a way round', 'spec/initContainers/2/volumeMounts/0/mountPath', '/.sluice/src/../../etc'],
    ['a part of a volume', 'spec/initContainers/2/volumeMounts/0/subPath', '../..'],
    ['a mount that spreads', 'spec/initContainers/2/volumeMounts/0/mountPropagation', 'Bidirectional'],
    ['a mount of nothing', 'spec/volumes', []],
    ['a device', 'spec/initContainers/2/volumeDevices', []],
    ['a port of the node', 'spec/initContainers/2/ports', [{ hostPort: 80, containerPort: 80 }]],
    ['environment from elsewhere', 'spec/initContainers/2/envFrom', [{ secretRef: { name: 'x' } }]],
    ['a variable from a secret', 'spec/initContainers/2/env/0', { name: 'X', valueFrom: { secretKeyRef: {} } }],
    ['a variable that steers the builder', 'spec/initContainers/2/env/0', { name: 'KANIKO_REGISTRY_MAP', value: 'x' }],
    ['a variable that steers the checkout', 'spec/initContainers/0/env/1', { name: 'LD_PRELOAD', value: '/x.so' }],
    ['a token in a variable', 'spec/initContainers/2/env/0', { name: 'X', value: `ghs_${'a1'.repeat(18)}` }],
    ['a registry login in a variable', 'spec/initContainers/2/env/0', { name: 'X', value: '{"auths":{}}' }],
    ['a key in an argument', 'spec/initContainers/2/args/0', '--build-arg=K=-----BEGIN RSA PRIVATE KEY-----'],
    ['a hook', 'spec/initContainers/2/lifecycle', { postStart: {} }],
    ['a container that stays', 'spec/initContainers/2/restartPolicy', 'Always'],
    ['a result elsewhere', 'spec/initContainers/2/terminationMessagePath', '/etc/passwd'],
    ['a result from the log', 'spec/initContainers/2/terminationMessagePolicy', 'FallbackToLogsOnError'],
    ['two containers of one name', 'spec/containers/0/name', 'build'],
    ['a node’s runtime with a path', 'spec/runtimeClassName', '../x'],
  ])('refuses %s (%s)', (_title, path, value) => {
    const keys = path.replace(/sluice\.dev~/, 'sluice.dev\u0000');
    expect(validatePod(changedAt(good, keys, value), 'untrusted')).not.toEqual([]);
  });

  it.each([
    ['root', 'spec/containers/0/securityContext/runAsUser', 0],
    ['a capability', 'spec/containers/0/securityContext/capabilities/add', ['NET_RAW']],
    ['the secret', 'spec/containers/0/volumeMounts/2', secretMount],
    ['a token', 'spec/containers/0/env/0', { name: 'TOKEN', value: `github_pat_${'a_'.repeat(25)}` }],
    ['another folder to begin in', 'spec/containers/0/workingDir', '/'],
  ])('refuses a command with %s', (_title, path, value) => {
    expect(validatePod(changed(command, path, value), 'untrusted')).not.toEqual([]);
  });

  it('says where and what', () => {
    expect(validatePod(changed(good, 'spec/hostNetwork', true), 'untrusted')).toEqual([
      'spec.hostNetwork: this field is not allowed',
    ]);
    expect(validatePod(changed(command, 'spec/containers/0/securityContext/runAsUser', 0), 'untrusted')).toEqual([
      'container command: only the builder is root',
    ]);
  });

  it('looks for credentials only where the code is untrusted', () => {
    const order = commandOrder({
      content: { template: 'run', env: { NPM: `npm_${'a1'.repeat(18)}` } },
      trust: 'trusted',
    });
    expect(validatePod(renderPod(order, pool, library), 'trusted')).toEqual([]);
  });
});

function changedAt(manifest: PodManifest, path: string, value: unknown): PodManifest {
  const at = path.indexOf('\u0000');
  if (at < 0) return changed(manifest, path, value);
  const key = `sluice.dev/${path.slice(at + 1)}`;
  return changed(manifest, 'metadata/labels', { ...manifest.metadata.labels, [key]: value });
}
