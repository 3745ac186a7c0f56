import type { Attack } from './attack.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';

/** Against secrets, images, pods, tokens and ourselves. */
export const attacksFromA23: readonly Attack[] = [
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
    ],
    guards: [['src/core/pod/labels.ts', 'labelValue']],
  },
  {
    id: 'A30',
    what: 'a pod of somebody else under our name',
    shown: [
      ['adapters/kubernetes/end.test.ts', 'does not touch a pod of another owner'],
      [
        'adapters/kubernetes/start.test.ts',
        'is refused, and its pod removed, when the secret is refused or is there of somebody else',
      ],
      ['adapters/podman/faults.podman.test.ts', 'leaves a pod alone that somebody else made by hand under the name'],
    ],
    guards: [['src/adapters/kubernetes/start-pod.ts', 'whyForeign']],
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
    guards: [['src/core/pod/judge-pod.ts', 'judgePod']],
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
      ['core/line/order-line.test.ts', 'no limit is exceeded by what is picked (invariant S12)'],
    ],
    guards: [
      ['src/core/line/order-line.ts', 'pickStarts'],
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
  {
    id: 'A34',
    what: 'a stolen installation token',
    shown: [
      ['attacks/secrets.test.ts', 'is minted for one repository and one purpose, whatever happens in a story'],
      ['adapters/github/tokens.test.ts', 'for a checkout is new each time and reads only this repository'],
    ],
    guards: [['src/adapters/github/token-scopes.ts', 'scopeOf']],
  },
  {
    id: 'A35',
    what: 'work before the signature is checked, hosts from headers',
    shown: [
      [
        'http/signature.test.ts',
        'W2: a re-encoded body and one with a byte order mark are refused, though they mean the same',
      ],
    ],
    guards: [
      ['src/http/receive-delivery.ts', 'receiveDelivery'],
      ['src/http/signature.ts', 'startSignatureCheck'],
    ],
  },
  {
    id: 'A36',
    what: 'identity by name',
    shown: [
      ['core/may-run.test.ts', 'goes by the numeric id: the name of a listed App is worth nothing (intake A36)'],
      ['adapters/github/rights.test.ts', 'are not those of another account that has the login now'],
      [
        'adapters/github/initiators.test.ts',
        'who has a login that another account was listed by is not that account, nor in its teams',
      ],
    ],
    guards: [
      ['src/adapters/github/rights.ts', 'readRights'],
      [mayRun, 'judgeTrust'],
    ],
  },
  {
    id: 'A37',
    what: 'the same parameter twice',
    shown: [
      ['attacks/web.test.ts', 'opens a log to the key of exactly that build, and not to two keys at once (A23, A37)'],
    ],
    guards: [['src/http/log-route.ts', 'typeof key']],
  },
  {
    id: 'A38',
    what: 'own, stale and automatic approvals',
    shown: [
      ['core/gate/entry/judge-approvals.test.ts', '$what: $entering; in the queue $queued'],
      ['core/gate/entry/judge-approvals.test.ts', '$staleReviews, rule dismisses: $dismissStale → $entering'],
      ['core/gate/entry/judge-request.test.ts', 'with auto-merge on a merge'],
    ],
    guards: [
      ['src/core/gate/entry/count-approvals.ts', 'tallyReviews'],
      ['src/core/gate/entry/judge-request.ts', 'judgeRequest'],
    ],
  },
  {
    id: 'A39',
    what: 'a retry takes new code',
    shown: [[everywhere, '/retest never widens an approval: a new head behind a failure stays unbuilt (intake A39)']],
    guards: [[mayRun, 'mayRun']],
  },
  {
    id: 'A40',
    what: 'a Redis that others reach',
    shown: [
      ['attacks/open-redis.test.ts', 'a Redis bound to $bind with the password "$password": $said (A40)'],
      ['adapters/redis/servers.test.ts', 'says $severity for $settings'],
    ],
    guards: [['src/adapters/redis/server-access.ts', 'isOpenToAll']],
    limits:
      'A server that anybody may use is told of at the start, not refused. TLS and the patches of its Lua are the operator’s: the version does not tell what a distribution patched.',
  },
  {
    id: 'A41',
    what: 'prototype pollution',
    shown: [
      ['config/hostile-yaml.test.ts', 'leaves every object as it was'],
      ['http/any-payload.test.ts', 'is answered with 202 with any part of it replaced by anything'],
    ],
    guards: [['src/config/yaml/locate-nodes.ts', 'locateNodes']],
    limits: 'Our images do not start Node.js with --disable-proto.',
  },
  {
    id: 'A42',
    what: 'secrets told by time',
    shown: [
      ['http/constant-time.test.ts', 'W3: no digest, signature or secret is compared but by timingSafeEqual'],
      [
        'http/constant-time.test.ts',
        'W3: every secret of the list is tried, whichever matches: nothing returns or stops early',
      ],
    ],
    guards: [
      ['src/http/log-link.ts', 'timingSafeEqual'],
      ['src/http/signature.ts', 'timingSafeEqual'],
    ],
  },
  {
    id: 'A43',
    what: 'other packages than those we chose',
    shown: [
      ['attacks/supply.test.ts', 'is locked to its bytes: every package by a SHA-512, from nowhere but the registry'],
      ['attacks/supply.test.ts', 'is installed from the lock alone'],
    ],
    guards: [
      ['Dockerfile', 'npm ci'],
      ['package-lock.json', 'sha512-'],
    ],
    limits: 'The base image is named by its tag; whoever builds may give one by digest.',
  },
  {
    id: 'A44',
    what: 'an old credential that lives on',
    shown: [
      [
        'http/rotation.test.ts',
        'W10: a rotation is three changes of a file under a server that goes on: old, both, new',
      ],
    ],
    guards: [['src/http/signature.ts', 'startSignatureCheck']],
    limits: 'The secret of the webhook only; keys of the App are withdrawn at GitHub, those of registries there.',
  },
  {
    id: 'A45',
    what: 'logs of our own containers',
    shown: [
      ['jobs/checkout.test.ts', 'shows its token to the server alone'],
      ['attacks/build-logs.test.ts', 'no log of our containers shows the login of a registry (A24, A45)'],
      ['attacks/secrets.test.ts', 'is in no file that we leave: clones, their configuration, logs'],
    ],
    guards: [
      ['jobs/steps/git.ts', 'never in an argument or a file'],
      ['src/app/hide-secrets.ts', 'hideSecrets'],
    ],
  },
];
