import type { Removal } from './removal.ts';

const artifacts = 'jobs/artifacts.test.ts';
const artifactPod = 'core/pod/artifact-pod.test.ts';

/** Of A15, where jobs keep files for each other. */
export const removalsOfArtifacts: readonly Removal[] = [
  {
    attack: 'A15',
    file: 'jobs/steps/kept-files.ts',
    from: "part !== '' && part !== '.' && part !== '..'",
    to: 'true',
    fails: [artifacts, 'is not taken with a path %s'],
  },
  {
    attack: 'A15',
    file: 'jobs/steps/take.ts',
    from: 'constants.O_EXCL | constants.O_NOFOLLOW',
    to: 'constants.O_TRUNC',
    fails: [artifacts, 'is not taken with the same path %s'],
  },
  {
    attack: 'A15',
    file: 'jobs/steps/take.ts',
    from: '|| sum !== bytes',
    to: '',
    fails: [artifacts, 'is not taken in another size than the job said'],
  },
  {
    attack: 'A15',
    file: 'src/adapters/oci/open-artifact.ts',
    from: 'if (found !== digest) throw',
    to: 'if (false) throw',
    fails: [artifacts, 'is not taken where the registry gives other bytes of its %s'],
  },
  {
    attack: 'A15',
    file: 'jobs/steps/collect-files.ts',
    from: 'await lstat(',
    to: "await (await import('node:fs/promises')).stat(",
    fails: [artifacts, 'is not kept with %s'],
  },
  {
    attack: 'A15',
    file: 'jobs/steps/collect-files.ts',
    from: '    await demandPlainWay(folder, path);\n',
    to: '',
    fails: [artifacts, 'is not kept through a link among the folders above it'],
  },
  {
    attack: 'A15',
    file: 'jobs/steps/collect-files.ts',
    from: 'if (bytes > maxBytes) throw',
    to: 'if (false) throw',
    fails: [artifacts, 'is not kept where it %s'],
  },
  {
    attack: 'A15',
    file: 'src/core/pod/artifacts.ts',
    from: "const isUntrusted = build.trust === 'untrusted';",
    to: 'const isUntrusted = false;',
    fails: [artifactPod, 'that %s'],
  },
  {
    attack: 'A15',
    file: 'src/core/pod/why-not-render.ts',
    from: 'whyNotSecrets(order) ?? whyNoArtifacts(order)',
    to: 'whyNotSecrets(order)',
    fails: [artifactPod, 'that %s'],
  },
];
