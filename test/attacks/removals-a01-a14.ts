import type { Removal } from './removal.ts';

const everywhere = 'core/presubmit/trust-everywhere.test.ts';
const mayRun = 'src/core/may-run.ts';
const answerCommand = 'src/core/presubmit/answer-command.ts';
const elsewhere = 'attacks/git-elsewhere.test.ts';
const combineConfig = 'src/core/combine-config.ts';

/** Of the attacks on trust and configuration. */
export const removalsToA14: readonly Removal[] = [
  {
    attack: 'A1',
    file: mayRun,
    from: 'if (head !== presentHead) {',
    to: 'if (false) {',
    fails: [
      'core/may-run.test.ts',
      'runs nothing of a head that is not the present one, whoever approved it (intake A1, A3)',
    ],
  },
  {
    attack: 'A1',
    file: 'jobs/steps/checkout.ts',
    from: 'if (merged.tree === tree) return merged.commit;',
    to: 'if (merged.tree) return merged.commit;',
    fails: ['jobs/checkout-refusals.test.ts', '11 for another tree than the planned one'],
  },
  {
    attack: 'A2',
    file: mayRun,
    from: 'approval.head === head)',
    to: 'head.startsWith(approval.head))',
    fails: ['core/may-run.test.ts', 'counts an approval for the whole id only (intake A2)'],
  },
  {
    attack: 'A2',
    file: answerCommand,
    from: 'if (wanted !== head) return no(',
    to: 'if (!head.startsWith(wanted)) return no(',
    fails: ['core/presubmit/command-others.test.ts', 'of a longer kind of id the beginning is not enough either'],
  },
  {
    attack: 'A3',
    file: mayRun,
    from: 'approvals.find((approval) => approval.head === head) ?? null',
    to: 'approvals.at(-1) ?? null',
    fails: ['core/presubmit/new-head.test.ts', 'has no approval, whatever was approved before (intake A3)'],
  },
  {
    attack: 'A4',
    file: mayRun,
    from: 'if (!approval && !own.trusted) {',
    to: "if (!approval && !own.trusted && asker.kind === 'person') {",
    fails: [everywhere, '$way by its author starts nothing of a head that nobody approved'],
  },
  {
    attack: 'A4',
    file: mayRun,
    from: 'if (!sender.trusted)\n',
    to: 'if (false)\n',
    fails: [everywhere, '$way by a stranger on a member’s head that nobody approved starts nothing more'],
  },
  {
    attack: 'A5',
    file: 'src/core/presubmit/take-buttons.ts',
    from: 'if (button.head !== head) {',
    to: 'if (false) {',
    fails: [everywhere, 'approving revives nothing that was stopped: it acts on a head, not on a build (intake A5)'],
  },
  {
    attack: 'A6',
    file: combineConfig,
    from: '{ ...base, content: withSecretsOf(content, base.content), definition: head.definition }',
    to: 'head',
    fails: ['core/combine-config.test.ts', 'leaves $power to the base branch'],
  },
  {
    attack: 'A6',
    file: combineConfig,
    from: 'config: { ...base, images: head.images,',
    to: 'config: { ...base, trust: head.trust, images: head.images,',
    fails: ['core/combine-config.test.ts', 'leaves $what to the base branch'],
  },
  {
    attack: 'A6',
    file: combineConfig,
    from: "    pool: 'default',\n    allowPrivilegeEscalation: false,\n",
    to: '',
    fails: ['attacks/pod-baseline.test.ts', 'never changes what is required, where it runs or what is skipped'],
  },
  {
    attack: 'A7',
    file: combineConfig,
    from: "if (head.kind === 'invalid') {",
    to: "if (head.kind === 'invalid') {\n    if (base.kind === 'valid') return { kind: 'usable', config: base.config, notes: [] };",
    fails: ['core/combine-config.test.ts', 'base $base.kind, head $head.kind: refused, the fault lies with $where'],
  },
  {
    attack: 'A8',
    file: 'src/core/gate/entry/judge-dependencies.ts',
    from: "return heldUp('dependency', `It depends on ",
    to: "return met('dependency', `It depends on ",
    fails: ['core/gate/enter.test.ts', 'one whose dependency nobody asked for waits outside'],
  },
  {
    attack: 'A8',
    file: 'src/core/gate/walk-queue.ts',
    from: "if (kind !== 'made' || verdict === 'failed' || commit === null) return ground;",
    to: "if (kind !== 'made' || commit === null) return ground;",
    fails: [
      'core/gate/walk-queue.test.ts',
      'puts nobody on the commit of one that failed, conflicts, is held, leaves or lacks a dependency',
    ],
  },
  {
    attack: 'A9',
    file: 'src/core/parse-commands.ts',
    from: 'if (!fence && !/^ {0,3}>/.test(kept)) lines.push(kept);',
    to: "if (!fence) lines.push(kept.replace(/^ {0,3}>/, ''));",
    fails: ['core/parse-commands-hostile.test.ts', 'a command never comes out of a line that does not hold it'],
  },
  {
    attack: 'A9',
    file: 'src/core/parse-commands.ts',
    from: 'else if (commands.length < limits.commands) commands.push(parsed);',
    to: 'else if (parsed) commands.push(parsed);',
    fails: ['core/parse-commands.test.ts', 'takes 20 commands and says that the rest was left'],
  },
  {
    attack: 'A10',
    file: 'src/adapters/git/run-git.ts',
    from: "{ cwd: '/', env, detached: true,",
    to: "{ cwd: '/', env, shell: true, detached: true,",
    fails: [elsewhere, '%s gets every word as it is: no shell reads it on the way (A10)'],
  },
  {
    attack: 'A10',
    file: 'jobs/steps/run-program.ts',
    from: '{ env: call.env, cwd:',
    to: '{ shell: true, env: call.env, cwd:',
    fails: [elsewhere, '%s gets every word as it is: no shell reads it on the way (A10)'],
  },
  {
    attack: 'A11',
    file: 'src/core/pod/security.ts',
    from: ' && !steering.test(name)',
    to: '',
    fails: ['core/pod/render-pod.test.ts', 'a variable that steers the builder'],
  },
  {
    attack: 'A11',
    file: 'src/core/pod/validate-pod.ts',
    from: "if (ours) return variable === 'SLUICE_STEP';",
    to: 'if (ours) return true;',
    fails: ['core/pod/validate-pod.test.ts', 'a variable that steers the checkout'],
  },
  {
    attack: 'A12',
    file: 'src/config/yaml/check-counts.ts',
    from: 'if (seen.size > most.regexes) return node;',
    to: '',
    fails: ['config/hostile-yaml.test.ts', '$name is answered in less than a second of computing: $says'],
  },
  {
    attack: 'A12',
    file: 'src/config/yaml/read-tokens.ts',
    from: 'if (parser.stack.length > limits.depth * 3) return tooDeep(parser.offset);',
    to: '',
    fails: ['config/hostile-yaml.test.ts', '$name is answered in less than a second of computing: $says'],
  },
  {
    attack: 'A12',
    file: 'src/config/yaml/read-tokens.ts',
    from: 'parts > limits.parts ? tooManyParts(parser.offset) : judgePart(',
    to: 'judgePart(',
    fails: ['config/hostile-yaml.test.ts', '$name is answered in less than a second of computing: $says'],
  },
  {
    attack: 'A13',
    file: 'src/config/matching/compile-pattern.ts',
    from: 'const expression = RE2JS.compile(regex);',
    to: "const expression = { programSize: () => 0, testExact: (text) => new RegExp('^(?:' + regex + ')$').test(text) };",
    fails: ['config/glob.test.ts', '%s is answered in less than 50 ms on 4,000 characters'],
    neverEnds: true,
  },
  {
    attack: 'A14',
    file: 'src/config/matching/compile-pattern.ts',
    from: 'matches: (text) => expression.testExact(text)',
    to: 'matches: (text) => expression.matcher(text).find()',
    fails: ['config/glob.test.ts', '$pattern on $text gives $expected: the whole name counts (A14)'],
  },
];
