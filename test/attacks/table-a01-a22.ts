import type { Attack } from './attack.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';

/** Against trust, configuration, texts, files, git and pages. */
export const attacksToA22: readonly Attack[] = [
  {
    id: 'A1',
    what: 'push after approval',
    shown: [
      [
        'core/may-run.test.ts',
        'runs nothing of a head that is not the present one, whoever approved it (intake A1, A3)',
      ],
      [everywhere, 'a push between approval and start: the new head is another change (intake A1)'],
      [everywhere, 'a push between plan and slot: nothing of the old head starts'],
      ['jobs/checkout-refusals.test.ts', '11 for another tree than the planned one'],
    ],
    guards: [
      [mayRun, 'mayRun'],
      ['src/core/presubmit/answer-command.ts', 'approve'],
      ['jobs/steps/checkout.ts', 'exitCodes.otherTree'],
    ],
  },
  {
    id: 'A2',
    what: 'forged short SHA',
    shown: [
      ['core/may-run.test.ts', 'counts an approval for the whole id only (intake A2)'],
      ['core/presubmit/command-others.test.ts', 'of a longer kind of id the beginning is not enough either'],
    ],
    guards: [
      [mayRun, 'approvalOf'],
      ['src/core/presubmit/answer-command.ts', 'approve'],
    ],
  },
  {
    id: 'A3',
    what: 'trust that survives a push',
    shown: [['core/presubmit/new-head.test.ts', 'has no approval, whatever was approved before (intake A3)']],
    guards: [[mayRun, 'approvalOf']],
  },
  {
    id: 'A4',
    what: 'approval by another event',
    shown: [
      [everywhere, '$way by its author starts nothing of a head that nobody approved'],
      [everywhere, '$way by a stranger on a member’s head that nobody approved starts nothing more'],
    ],
    guards: [[mayRun, 'mayRun']],
  },
  {
    id: 'A5',
    what: 'approving revives a cancelled build',
    shown: [[everywhere, 'approving revives nothing that was stopped: it acts on a head, not on a build (intake A5)']],
    guards: [['src/core/presubmit/take-buttons.ts', 'press']],
  },
  {
    id: 'A6',
    what: 'the head’s file asks for power',
    shown: [
      ['config/mistakes.test.ts', '%s is refused, with a sentence that says why or what to write'],
      ['core/combine-config.test.ts', 'leaves $power to the base branch'],
      ['core/combine-config.test.ts', 'leaves $what to the base branch'],
      ['attacks/pod-baseline.test.ts', 'never changes what is required, where it runs or what is skipped'],
    ],
    guards: [['src/core/combine-config.ts', 'combineConfig']],
  },
  {
    id: 'A7',
    what: 'a broken file falls through to a trusted layout',
    shown: [['core/combine-config.test.ts', 'base $base.kind, head $head.kind: refused, the fault lies with $where']],
    guards: [['src/core/combine-config.ts', 'combineConfig']],
  },
  {
    id: 'A8',
    what: 'unapproved code ahead in the stack',
    shown: [
      ['core/gate/enter.test.ts', 'one whose dependency nobody asked for waits outside'],
      [
        'core/gate/walk-queue.test.ts',
        'puts nobody on the commit of one that failed, conflicts, is held, leaves or lacks a dependency',
      ],
    ],
    guards: [
      ['src/core/gate/entry/judge-dependencies.ts', 'judgeDependencies'],
      ['src/core/gate/walk-queue.ts', 'groundBehind'],
    ],
  },
  {
    id: 'A9',
    what: 'commands smuggled into comments',
    shown: [
      ['core/parse-commands.test.ts', 'takes 20 commands and says that the rest was left'],
      ['core/parse-commands-hostile.test.ts', 'a command never comes out of a line that does not hold it'],
      ['core/parse-commands-hostile.test.ts', '$what is read in a moment'],
      [
        'attacks/hostile-text.test.ts',
        'in comments: commands that are none, five hundred of them, and 64 KB in one line',
      ],
    ],
    guards: [['src/core/parse-commands.ts', 'parseCommands']],
  },
  {
    id: 'A10',
    what: 'shell and option injection by names and titles',
    shown: [
      ['attacks/hostile-text.test.ts', 'never in a pod: not as a word of a command, not in its environment'],
      ['attacks/git-elsewhere.test.ts', '%s gets every word as it is: no shell reads it on the way (A10)'],
      ['adapters/git/source.test.ts', 'answers null for %j as a base branch'],
      ['adapters/git/read-objects.test.ts', 'lists hostile names as changed, each as it is'],
    ],
    guards: [
      ['src/adapters/git/run-git.ts', 'never a shell'],
      ['jobs/steps/run-program.ts', 'no shell'],
    ],
  },
  {
    id: 'A11',
    what: 'variables that steer our programs',
    shown: [
      ['core/pod/validate-fuzz.test.ts', 'a command has the environment that it asked for in its own container alone'],
      ['core/pod/validate-pod.test.ts', 'a variable that steers the checkout'],
      ['core/pod/render-pod.test.ts', 'a variable that steers the builder'],
      ['adapters/process/process-executor.test.ts', 'gets nothing of the worker’s environment'],
    ],
    guards: [
      ['src/core/pod/security.ts', 'isBuilderVariable'],
      ['src/core/pod/validate-pod.ts', 'mayBeSet'],
    ],
  },
  {
    id: 'A12',
    what: 'YAML bombs',
    shown: [
      ['config/hostile-yaml.test.ts', '$name is answered in less than a second of computing: $says'],
      ['config/hostile-yaml.test.ts', 'needs no more than 64 MB of heap, all of them one after the other'],
    ],
    guards: [
      ['src/config/yaml/check-counts.ts', 'checkCounts'],
      ['src/config/yaml/read-tokens.ts', 'tooDeep'],
      ['src/config/yaml/read-tokens.ts', 'tooManyParts'],
    ],
  },
  {
    id: 'A13',
    what: 'patterns that take for ever',
    shown: [['config/glob.test.ts', '%s is answered in less than 50 ms on 4,000 characters']],
    guards: [['src/config/matching/compile-pattern.ts', 'compilePattern']],
  },
  {
    id: 'A14',
    what: 'patterns without anchors',
    shown: [['config/glob.test.ts', '$pattern on $text gives $expected: the whole name counts (A14)']],
    guards: [['src/config/matching/compile-pattern.ts', 'compilePattern']],
  },
  {
    id: 'A15',
    what: 'archives and layouts that lead elsewhere',
    shown: [
      ['jobs/measure.test.ts', 'a link for an index'],
      ['jobs/checkout-refusals.test.ts', 'no tree that would write into .git'],
      ['jobs/checkout-refusals.test.ts', '15 for more files, more bytes or more history than allowed'],
      ['jobs/artifacts.test.ts', 'is not taken with a path %s'],
      ['jobs/artifacts.test.ts', 'is not taken with the same path %s'],
      ['jobs/artifacts.test.ts', 'is not taken in another size than the job said'],
      ['jobs/artifacts.test.ts', 'is not taken where the registry gives other bytes of its %s'],
      ['jobs/artifacts.test.ts', 'is not kept with %s'],
      ['jobs/artifacts.test.ts', 'is not kept through a link among the folders above it'],
      ['jobs/artifacts.test.ts', 'is not kept where it %s'],
      ['core/pod/artifact-pod.test.ts', 'that %s'],
      ['core/pod/artifact-pod.test.ts', 'whose command sees %s, or whose code is untrusted'],
    ],
    guards: [
      ['src/adapters/oci/layout.ts', 'O_NOFOLLOW'],
      ['jobs/steps/checkout.ts', 'refuseTooLarge'],
      ['jobs/steps/kept-files.ts', 'pathFault'],
      ['jobs/steps/collect-files.ts', 'notPlain'],
      ['jobs/steps/take.ts', 'demandSize'],
      ['src/core/pod/artifacts.ts', 'whyNoArtifacts'],
    ],
    limits:
      'We unpack no archive anywhere: layers, and the files that jobs keep for each other, are passed on as blobs.',
  },
  {
    id: 'A16',
    what: 'links in the repository',
    shown: [
      ['jobs/checkout-refusals.test.ts', '13 for %s'],
      ['jobs/checkout-refusals.test.ts', '13 for a link out of the context, and only for an image with that context'],
      ['cli/import-zuul.test.ts', 'follows no links'],
    ],
    guards: [
      ['jobs/steps/leaving-links.ts', 'findLeavingLink'],
      ['src/cli/read-zuul-folder.ts', 'no plain file'],
    ],
  },
  {
    id: 'A17',
    what: 'tricks of git',
    shown: [
      ['jobs/checkout-refusals.test.ts', 'no filter, no other encoding, no submodule, no hook'],
      ['jobs/checkout-refusals.test.ts', 'no configuration of the machine or its user'],
      ['attacks/git-elsewhere.test.ts', '%s speaks nothing but HTTP: no command, no file, no other transport'],
      ['adapters/git/source.test.ts', 'stops a fetch that brings more than is allowed'],
    ],
    guards: [
      ['jobs/steps/write-files.ts', '-filter'],
      ['src/adapters/git/fetch-commits.ts', 'watchSize'],
      ['src/adapters/git/git-environment.ts', "'protocol.allow': 'never'"],
      ['jobs/steps/git.ts', "'protocol.allow': 'never'"],
    ],
  },
  {
    id: 'A18',
    what: 'requests to places of the attacker’s choice',
    shown: [
      ['attacks/git-elsewhere.test.ts', '%s follows no redirect to another host, and shows it nothing'],
      ['attacks/git-elsewhere.test.ts', 'a credential is shown to its own origin only'],
      ['adapters/oci/authentication.test.ts', 'is followed for blobs, and its credential stays with it'],
    ],
    guards: [
      ['src/adapters/git/git-environment.ts', "'http.followRedirects': 'false'"],
      ['src/adapters/git/git-environment.ts', 'credentialVariables'],
      ['src/adapters/oci/repository.ts', 'url.origin === place.origin.origin'],
    ],
    limits:
      'Addresses that a name resolves to are not judged; only hosts of the settings and of GitHub’s answers are asked.',
  },
  {
    id: 'A19',
    what: 'metadata, API server, Redis and kubelet from a build',
    tier: 'cluster',
    shown: [
      ['charts/builds.test.ts', 'denies everything first, both ways, to every pod'],
      ['charts/builds.test.ts', 'lets builds reach the proxy alone where that is all that is allowed'],
      [
        'charts/isolation.test.ts',
        'is on by itself: another pod, the API server, the kubelet and the metadata address, with nothing accepted',
      ],
      ['jobs/canary.test.ts', 'says of each target what came of it'],
      ['core/isolation/judge-isolation.test.ts', 'pod $pod, API server $api, what it must reach $control: $expected'],
      ['core/isolation/canary-pod.test.ts', 'is where a build of unapproved code is, and as little as that'],
      ['core/presubmit/isolation.test.ts', 'does not start with a slot that it was given before'],
      [
        'app/dispatch.test.ts',
        'while no canary has passed, code that nobody approved gets no slot though all are free (A19)',
      ],
      ['core/presubmit/isolation.test.ts', 'is not started again where its pod never came to be'],
      ['core/line/order-line.test.ts', 'takes no slot from the others, however old it is'],
      [
        'app/isolation.test.ts',
        'holds back what nobody approved as soon as something is reached, and is tried again until it is repaired',
      ],
      [
        'scenarios/isolation.test.ts',
        'a canary that reaches something keeps it waiting, which takes no slot from what is approved',
      ],
      [
        'cluster/canary.cluster.test.ts',
        'reaches another pod, the API server, the kubelet and a registry that takes writes: unapproved code waits, and is told why',
      ],
      ['cluster/canary.cluster.test.ts', 'passes where nothing is reached, and nothing is said of it'],
    ],
    guards: [
      ['charts/sluice/templates/build-network.yaml', 'NetworkPolicy'],
      ['src/core/isolation/judge-isolation.ts', 'judgeSight'],
      ['src/core/presubmit/advance-build.ts', 'isHeld'],
      ['src/core/line/order-line.ts', 'isOff'],
      ['src/app/why-off.ts', 'whoIsOff'],
    ],
    limits:
      'No cluster of the tests enforces network policies: that one keeps a pod in is shown by targets on which nobody listens. Where no canary is asked for (`SLUICE_ISOLATION`), check runs say that nothing is proved.',
  },
  {
    id: 'A20',
    what: 'log lines that a terminal obeys or that are forged',
    shown: [
      ['core/text/clean-log.test.ts', 'whatever comes: only colours, tabs and line ends are left of what is not text'],
      ['attacks/hostile-text.test.ts', 'never more than one line of the log, and no line that a terminal obeys'],
    ],
    guards: [['src/core/text/clean-log.ts', 'cleanLog']],
  },
  {
    id: 'A21',
    what: 'scripts and markup in pages and reports',
    shown: [
      [
        'core/text/safe-markdown.test.ts',
        '%j mentions nobody, refers to nothing and is no link, also once it is shown',
      ],
      ['http/log-page.test.ts', 'whatever it is, only our own spans are tags, and no control character is left'],
      ['http/log-route.test.ts', 'as a page that allows no script, frame or foreign content'],
    ],
    guards: [
      ['src/core/text/safe-markdown.ts', 'escapeMarkdown'],
      ['src/http/log-page.ts', 'pageHeaders'],
    ],
  },
  {
    id: 'A22',
    what: 'deeds by a browser of somebody else',
    shown: [
      [
        'attacks/web.test.ts',
        'takes no deed from a browser: whatever is sent to any page, only signed deliveries are obeyed (A22)',
      ],
    ],
    guards: [
      ['src/http/status-route.ts', 'addStatusPage'],
      ['src/http/receive-delivery.ts', 'receiveDelivery'],
    ],
  },
];
