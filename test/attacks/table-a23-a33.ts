import type { Attack } from './attack.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';

/** Against secrets, images and pods. */
export const attacksToA33: readonly Attack[] = [
  {
    id: 'A23',
    what: 'open redirects and pages that tell of private repositories',
    shown: [
      ['attacks/web.test.ts', 'sends nobody elsewhere and gives no cookie, whatever the address says (A22, A23)'],
      ['attacks/web.test.ts', 'opens a log to the key of exactly that build, and not to two keys at once (A23, A37)'],
    ],
    guards: [['src/http/log-link.ts', 'isLogKey']],
    limits: 'The status page with the queues is open to whoever reaches the server.',
  },
  {
    id: 'A24',
    what: 'secrets in logs',
    shown: [
      ['core/text/mask-secrets.test.ts', 'a secret is found wherever it is torn'],
      ['core/text/mask-secrets.test.ts', 'shows no rest of two that overlap'],
      ['core/text/mask-secrets.test.ts', 'no form of any secret comes out, however secrets overlap'],
      ['attacks/secrets.test.ts', 'is in no file that we leave: clones, their configuration, logs'],
      ['attacks/build-logs.test.ts', 'no log, page or check run shows the token of a checkout (A24)'],
    ],
    guards: [
      ['src/core/text/mask-secrets.ts', 'createMasker'],
      ['src/app/hide-secrets.ts', 'hideSecrets'],
    ],
    limits: 'What a pod was given is known to the process that started it, not to one that follows it after a restart.',
  },
  {
    id: 'A25',
    what: 'secrets in layers, arguments and caches',
    shown: [
      ['attacks/pod-baseline.test.ts', 'mounts nothing secret where that code runs'],
      ['core/pod/upload-pod.test.ts', 'has the credential in the uploader alone, in a secret of the Build’s own name'],
      ['core/pod/upload-pod.test.ts', 'refuses the registry’s credential %s'],
      [
        'cluster/images.cluster.test.ts',
        'is uploaded under the change tag by the one container that holds the credential; its build finds none',
      ],
    ],
    guards: [['src/core/pod/secret-flaws.ts', 'secretFlaws']],
    limits: 'No layer is searched for canaries: the builder has no secret to leave there.',
  },
  {
    id: 'A26',
    what: 'a cache that untrusted code wrote',
    tier: 'rendered',
    shown: [['attacks/pod-baseline.test.ts', 'is the baseline byte for byte, but for what it may choose']],
    guards: [
      ['src/core/builders/kaniko.ts', 'no cache is used'],
      ['src/core/pod/validate-pod.ts', 'emptyDir'],
    ],
    limits: 'There is no cache: no volume outlives its pod, and the baseline holds every argument of the builder.',
  },
  {
    id: 'A27',
    what: 'a presubmit overwrites what is promoted',
    shown: [
      [
        'core/promote/plan-promotion.test.ts',
        'points every tag at the digest that the gate recorded, and takes the change tag away afterwards',
      ],
      [
        'core/pod/upload-pod.test.ts',
        'refuses it in any pod of untrusted code, even where the uploader alone mounts it',
      ],
      ['core/promote/tag-owner.test.ts', 'is told to whom it belongs and what to write'],
      ['jobs/promote.test.ts', 'was started by somebody else where it is told no digest'],
    ],
    guards: [
      ['src/core/pod/secret-flaws.ts', 'secretFlaws'],
      ['src/core/promote/tag-owner.ts', 'whyNotOwner'],
    ],
  },
  {
    id: 'A28',
    what: 'a pod that asks for the host',
    tier: 'rendered',
    shown: [
      ['core/pod/validate-fuzz.test.ts', 'refuses any field that it does not know, wherever it stands'],
      ['attacks/pod-baseline.test.ts', 'is refused as a whole when it asks for power, wherever in the file'],
      [
        'adapters/kubernetes/misfortunes.cluster.test.ts',
        'Pod Security baseline refuses what is privileged, in its words',
      ],
    ],
    guards: [['src/core/pod/validate-pod.ts', 'validatePod']],
  },
  {
    id: 'A29',
    what: 'names and labels that collide',
    tier: 'rendered',
    shown: [
      ['core/build-id.test.ts', '$one and $other never share a name (intake A29)'],
      ['core/build-id.test.ts', 'is a name that a cluster takes, whatever the parts are called'],
      ['core/pod/validate-fuzz.test.ts', 'is legal, and another one for another text'],
    ],
    guards: [
      ['src/model/build.ts', 'buildIdFor'],
      ['src/core/pod/labels.ts', 'labelValue'],
    ],
  },
  {
    id: 'A30',
    what: 'a pod of somebody else under our name',
    shown: [
      [
        'adapters/kubernetes/start.test.ts',
        'is refused when the name is taken by a pod with $what, which is left alone',
      ],
      ['adapters/kubernetes/end.test.ts', 'does not touch a pod of another owner'],
      [
        'adapters/kubernetes/start.test.ts',
        'is refused, and its pod removed, when the secret is refused or is there of somebody else',
      ],
      ['adapters/podman/faults.podman.test.ts', 'leaves a pod alone that somebody else made by hand under the name'],
    ],
    guards: [
      ['src/adapters/kubernetes/start-pod.ts', 'whyForeign'],
      ['src/adapters/kubernetes/pod-secrets.ts', 'podKeys.owner'],
      ['src/adapters/kubernetes/executor.ts', 'podKeys.owner'],
    ],
    limits: 'The tests of Kubernetes speak to a stand-in of the API server.',
  },
  {
    id: 'A31',
    what: 'a result that the code under test wrote',
    shown: [
      ['core/pod/judge-upload.test.ts', 'is believed in nothing that it says besides'],
      ['core/pod/judge-pod.test.ts', 'believes only the last container: what the builder left is not a measurement'],
      ['core/pod/judge-ending.test.ts', 'is not looked for in the log of a command, which may print anything'],
    ],
    guards: [
      ['src/core/pod/judge-pod.ts', 'judgePod'],
      ['src/core/pod/read-measured.ts', 'readUploaded'],
      ['src/core/pod/judge-steps.ts', 'registryTrouble'],
    ],
    limits: 'Endings as a cluster tells them are tried; no evil image runs in one.',
  },
  {
    id: 'A32',
    what: 'using everything up',
    tier: 'podman',
    shown: [
      ['adapters/podman/isolation.podman.test.ts', 'cannot have more processes than the settings say'],
      [
        'adapters/podman/isolation.podman.test.ts',
        'is OOMKilled, and says so, when it takes more memory than its limit',
      ],
      [
        'adapters/process/process-executor.test.ts',
        'keeps the first bytes of a log that is too long, and drops the rest',
      ],
      ['attacks/build-logs.test.ts', 'the log of a build that never stops talking is cut at 10 MB, and says so (A32)'],
      ['core/line/order-line.test.ts', 'no limit is exceeded by what is picked (invariant S12)'],
    ],
    guards: [
      ['src/core/line/order-line.ts', 'pickStarts'],
      ['src/adapters/process/run-pod.ts', 'logLimit'],
      ['src/app/follow-logs.ts', 'capBytes'],
    ],
    limits: 'On Kubernetes the limit of processes is the kubelet’s.',
  },
  {
    id: 'A33',
    what: 'mining by a first-time contributor',
    shown: [
      [everywhere, '$way by its author starts nothing of a head that nobody approved'],
      ['core/pod/render-pod.test.ts', 'gives what the job asks for to the builder, and a deadline after the job’s own'],
    ],
    guards: [
      [mayRun, 'mayRun'],
      ['src/core/pod/render-pod.ts', 'activeDeadlineSeconds'],
    ],
  },
];
