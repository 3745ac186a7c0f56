import type { Attack } from './attack.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';

/** Against tokens and ourselves. */
export const attacksToA45: readonly Attack[] = [
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
      ['src/adapters/github/initiators.ts', 'hasLogin'],
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
      ['config/hostile-yaml.test.ts', 'with $kind is refused by name'],
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
    guards: [['src/keep-secrets.ts', 'keepSecrets']],
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
