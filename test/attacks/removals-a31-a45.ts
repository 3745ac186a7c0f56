import type { Removal } from './removal.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';
const signature = 'src/http/signature.ts';
const constantTime = 'http/constant-time.test.ts';
const approvals = 'src/core/gate/entry/count-approvals.ts';

/** Of the attacks by results and load, and on tokens and ourselves. */
export const removalsToA45: readonly Removal[] = [
  {
    attack: 'A31',
    file: 'src/core/pod/judge-pod.ts',
    from: 'const last = ends(pod).at(-1);',
    to: 'const last = ends(pod).findLast(({ state }) => state.message);',
    fails: [
      'core/pod/judge-pod.test.ts',
      'believes only the last container: what the builder left is not a measurement',
    ],
  },
  {
    attack: 'A31',
    file: 'src/core/pod/read-measured.ts',
    from: 'uploaded === null ? null : { ...image, uploaded };',
    to: 'uploaded === null ? null : { ...said, ...image, uploaded };',
    fails: ['core/pod/judge-upload.test.ts', 'is believed in nothing that it says besides'],
  },
  {
    attack: 'A31',
    file: 'src/core/pod/judge-steps.ts',
    from: 'isBuilder ? registryTrouble(logTail) : null;',
    to: 'registryTrouble(logTail);',
    fails: ['core/pod/judge-ending.test.ts', 'is not looked for in the log of a command, which may print anything'],
  },
  {
    attack: 'A32',
    file: 'src/core/line/order-line.ts',
    from: 'if (repository >= limits.perRepository || author >= limits.perAuthor) continue;',
    to: '',
    fails: ['core/line/order-line.test.ts', 'no limit is exceeded by what is picked (invariant S12)'],
  },
  {
    attack: 'A32',
    file: 'src/adapters/process/run-pod.ts',
    from: 'if ((await stat(path)).size > record.logLimit) await truncate(path, record.logLimit);',
    to: '',
    fails: [
      'adapters/process/process-executor.test.ts',
      'keeps the first bytes of a log that is too long, and drops the rest',
    ],
  },
  {
    attack: 'A32',
    file: 'src/app/follow-logs.ts',
    from: 'written >= capBytes ? text.slice(0, rest) + cutNote : text;',
    to: 'text;',
    fails: [
      'attacks/build-logs.test.ts',
      'the log of a build that never stops talking is cut at 10 MB, and says so (A32)',
    ],
  },
  {
    attack: 'A33',
    file: mayRun,
    from: 'if (!approval && !own.trusted) {',
    to: 'if (false) {',
    fails: [everywhere, '$way by its author starts nothing of a head that nobody approved'],
  },
  {
    attack: 'A33',
    file: 'src/core/pod/render-pod.ts',
    from: 'activeDeadlineSeconds: order.job.timeoutSeconds + deadlineMargin,',
    to: 'activeDeadlineSeconds: 7 * 24 * 3600,',
    fails: [
      'core/pod/render-pod.test.ts',
      'gives what the job asks for to the builder, and a deadline after the job’s own',
    ],
  },
  {
    attack: 'A34',
    file: 'src/adapters/github/token-scopes.ts',
    from: '{ permissions: granted, repository_ids: [purpose.repository] }',
    to: '{ permissions: granted }',
    fails: ['adapters/github/tokens.test.ts', 'for a checkout is new each time and reads only this repository'],
  },
  {
    attack: 'A34',
    file: 'src/adapters/github/token-scopes.ts',
    from: "checkout: { contents: 'read' },",
    to: "checkout: { contents: 'write' },",
    fails: ['attacks/secrets.test.ts', 'is minted for one repository and one purpose, whatever happens in a story'],
  },
  {
    attack: 'A35',
    file: 'src/http/receive-delivery.ts',
    from: 'if (secretIndex === -1)',
    to: 'if (false)',
    fails: [
      'http/signature.test.ts',
      'W2: a re-encoded body and one with a byte order mark are refused, though they mean the same',
    ],
  },
  {
    attack: 'A35',
    file: signature,
    from: ' && timingSafeEqual(mac.digest(), given)',
    to: '',
    fails: [
      'http/signature.test.ts',
      'W2: a re-encoded body and one with a byte order mark are refused, though they mean the same',
    ],
  },
  {
    attack: 'A36',
    file: mayRun,
    from: 'settings.trustedApps.includes(person.id)',
    to: "person.login.startsWith('listed')",
    fails: ['core/may-run.test.ts', 'goes by the numeric id: the name of a listed App is worth nothing (intake A36)'],
  },
  {
    attack: 'A36',
    file: 'src/adapters/github/rights.ts',
    from: 'if (data.user?.id === person.id) return',
    to: 'if (data.user) return',
    fails: ['adapters/github/rights.test.ts', 'are not those of another account that has the login now'],
  },
  {
    attack: 'A36',
    file: 'src/adapters/github/initiators.ts',
    from: 'return data.id === person.id;',
    to: 'return data.login === login;',
    fails: [
      'adapters/github/initiators.test.ts',
      'who has a login that another account was listed by is not that account, nor in its teams',
    ],
  },
  {
    attack: 'A37',
    file: 'src/http/log-route.ts',
    from: "typeof key !== 'string' || !isLogKey(logKey, build, key)",
    to: '!isLogKey(logKey, build, String([key].flat().at(-1)))',
    fails: [
      'attacks/web.test.ts',
      'opens a log to the key of exactly that build, and not to two keys at once (A23, A37)',
    ],
  },
  {
    attack: 'A38',
    file: approvals,
    from: "if (by.id === view.pull.author.id) return uncounted('own');",
    to: '',
    fails: ['core/gate/entry/judge-approvals.test.ts', '$what: $entering; in the queue $queued'],
  },
  {
    attack: 'A38',
    file: approvals,
    from: '!reading.exactHead || commit === view.pull.head',
    to: 'commit !== null',
    fails: ['core/gate/entry/judge-approvals.test.ts', '$staleReviews, rule dismisses: $dismissStale → $entering'],
  },
  {
    attack: 'A38',
    file: 'src/core/gate/entry/judge-request.ts',
    from: "if (settings.landing !== 'merge-endpoint' || !view.autoMerge) return [];",
    to: 'if (settings !== null && view !== null) return [];',
    fails: ['core/gate/entry/judge-request.test.ts', 'with auto-merge on a merge'],
  },
  {
    attack: 'A39',
    file: mayRun,
    from: 'if (!approval && !own.trusted) {',
    to: "if (!approval && !own.trusted && asker.kind !== 'person') {",
    fails: [everywhere, '/retest never widens an approval: a new head behind a failure stays unbuilt (intake A39)'],
  },
  {
    attack: 'A40',
    file: 'src/adapters/redis/server-access.ts',
    from: 'return listens && !isLocal(bind ?? null) && (await needsNoPassword(redis));',
    to: 'return false;',
    fails: ['attacks/open-redis.test.ts', 'a Redis bound to $bind with the password "$password": $said (A40)'],
  },
  {
    attack: 'A41',
    file: 'src/config/yaml/locate-nodes.ts',
    from: 'if (unsafeKeys.has(text)) {',
    to: 'if (false) {',
    fails: ['config/hostile-yaml.test.ts', 'with $kind is refused by name'],
  },
  {
    attack: 'A42',
    file: 'src/http/log-link.ts',
    from: 'timingSafeEqual(actual, expected)',
    to: 'actual.equals(expected)',
    fails: [constantTime, 'W3: no digest, signature or secret is compared but by timingSafeEqual'],
  },
  {
    attack: 'A42',
    file: signature,
    from: 'const matches = macs.map((mac) => mac !== null && given.length === 32 && timingSafeEqual(mac.digest(), given));\n      return matches.indexOf(true);',
    to: 'return macs.findIndex((mac) => mac !== null && given.length === 32 && timingSafeEqual(mac.digest(), given));',
    fails: [constantTime, 'W3: every secret of the list is tried, whichever matches: nothing returns or stops early'],
  },
  {
    attack: 'A43',
    file: 'Dockerfile',
    from: 'RUN npm ci',
    to: 'RUN npm install',
    fails: ['attacks/supply.test.ts', 'is installed from the lock alone'],
  },
  {
    attack: 'A44',
    file: 'src/keep-secrets.ts',
    from: 'current = webhookSecrets;',
    to: 'current = [...webhookSecrets, ...current];',
    fails: [
      'http/rotation.test.ts',
      'W10: a rotation is three changes of a file under a server that goes on: old, both, new',
    ],
  },
  {
    attack: 'A45',
    file: 'src/app/hide-secrets.ts',
    from: "key === 'auth' ? [value, passwordIn(value)] : [value]",
    to: '[value]',
    fails: ['attacks/build-logs.test.ts', 'no log of our containers shows the login of a registry (A24, A45)'],
  },
];
