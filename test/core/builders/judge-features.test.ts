import { describe, expect, it } from 'vitest';
import { judgeFeatures } from '../../../src/core/builders/judge-features.ts';
import { fileFeatures } from '../../../src/core/from/file-features.ts';
import type { PoolSettings } from '../../../src/model/order.ts';

const byBuildkit = 'let the operator have images built with BuildKit (`SLUICE_BUILDER=buildkit`)';
const builders = ['kaniko', 'buildkit', 'buildah'] as const;

function judge(builder: PoolSettings['builder'], lines: readonly string[], target: string | null = null) {
  return judgeFeatures(fileFeatures(['FROM scratch', ...lines, ''].join('\n'), target), builder);
}

/** What is said of the second line; null: nothing. */
function said(builder: PoolSettings['builder'], lines: readonly string[]): readonly [string, string] | null {
  const { refused, notes } = judge(builder, lines);
  expect([...refused, ...notes].every(({ line }) => line === 2)).toBe(true);
  if (refused.length + notes.length === 0) return null;
  expect(refused.length + notes.length).toBe(1);
  return refused[0] ? ['refused', refused[0].because] : ['note', notes[0]?.because ?? ''];
}

const nothing = (type: string, place: string) =>
  `kaniko ignores \`RUN --mount=type=${type}\`, and the command would find nothing at \`${place}\``;
const stays = (type: string, place: string) =>
  `what the command leaves at \`${place}\` becomes part of the image; remove it in the same \`RUN\`, or ${byBuildkit}`.replace(
    /^/,
    `kaniko ignores \`RUN --mount=type=${type}\`:${type === 'cache' ? ' nothing is there from an earlier build, and' : ''} `,
  );
const commands = 'write its commands after `RUN`, joined with `&& \\`, or copy them as a script';
const file = (verb: string) => `write its lines as a file of the repository and ${verb} that`;
const unmet = (what: string) =>
  `it asks for the ${what} with \`required\`, and no build of an image is given one: let a job with \`secrets\` fetch what it is for, or take \`required\` out`;

type Expected = readonly [string, string] | null;

/** Every row of builders.md §6 and §7 that a container file can meet: what kaniko says of it, BuildKit, and buildah. */
const table: readonly (readonly [string, string[], ...Expected[]])[] = [
  [
    'a bind mount, the type of which is said by nothing',
    ['RUN --mount=target=/m cat /m/x'],
    ['refused', `${nothing('bind', '/m')}: write \`COPY . /m\` before it, or ${byBuildkit}`],
    null,
    null,
  ],
  [
    'one file of the context',
    ['RUN --mount=type=bind,source=go.mod,target=go.mod go build'],
    ['refused', `${nothing('bind', 'go.mod')}: write \`COPY go.mod go.mod\` before it, or ${byBuildkit}`],
    null,
    null,
  ],
  [
    'another stage, in other words and letters',
    ['RUN --network=default --mount=TYPE=bind,from=deps,src=/out,dst=/in ls'],
    ['refused', `${nothing('bind', '/in')}: write \`COPY --from=deps /out /in\` before it, or ${byBuildkit}`],
    null,
    null,
  ],
  [
    'a quoted mount',
    ['RUN --mount=type=bind,"source=a,b",destination=/in ls'],
    ['refused', `${nothing('bind', '/in')}: write \`COPY a,b /in\` before it, or ${byBuildkit}`],
    null,
    null,
  ],
  [
    'a cache',
    ['RUN --mount=type=cache,target=/root/.cache go build'],
    ['note', stays('cache', '/root/.cache')],
    null,
    null,
  ],
  [
    'a cache that begins with what a stage has',
    ['RUN --mount=type=cache,from=warm,source=/c,target=/c make'],
    ['refused', `${nothing('cache', '/c')}: write \`COPY --from=warm /c /c\` before it, or ${byBuildkit}`],
    null,
    null,
  ],
  [
    'a file of elsewhere with its checksum',
    [`ADD --chown=1:1 --checksum=sha256:${'a'.repeat(64)} https://example.test/x /x`],
    [
      'refused',
      `kaniko does not check \`ADD --checksum\`: take it out and check the file by \`echo "${'a'.repeat(64)}  FILE" | sha256sum -c\` in a \`RUN\` after it, or ${byBuildkit}`,
    ],
    null,
    null,
  ],
  [
    'a checksum that a variable holds',
    ['ADD --checksum=$SUM https://example.test/x /x'],
    [
      'refused',
      `kaniko does not check \`ADD --checksum\`: take it out and check the file by \`echo "SHA256  FILE" | sha256sum -c\` in a \`RUN\` after it, or ${byBuildkit}`,
    ],
    null,
    null,
  ],
  [
    'a command that shall reach nothing',
    ['RUN --network=none make'],
    [
      'note',
      `kaniko does not heed \`RUN --network=none\`: the command reaches what the whole build reaches; ${byBuildkit} where it must not`,
    ],
    null,
    null,
  ],
  ['flags of a command, and not of RUN', ['RUN make --network=none --checksum=1'], null, null, null],
  ['memory', ['RUN --mount=type=tmpfs,target=/t make'], ['note', stays('tmpfs', '/t')], null, null],
  [
    'a secret',
    ['RUN --mount=type=secret,id=npm npm ci'],
    ...builders.map(
      () =>
        ['note', 'no build of an image is given a secret `npm`: the command finds none at `/run/secrets/npm`'] as const,
    ),
  ],
  [
    'a secret with a place',
    ['RUN --mount=type=secret,id=npm,target=/root/.npmrc npm ci'],
    ...builders.map(
      () => ['note', 'no build of an image is given a secret `npm`: the command finds none at `/root/.npmrc`'] as const,
    ),
  ],
  [
    'a secret that must be there',
    ['RUN --mount=type=secret,id=npm,required npm ci'],
    ...builders.map(() => ['refused', unmet('secret `npm`')] as const),
  ],
  [
    'an agent',
    ['RUN --mount=type=ssh git clone x'],
    ...builders.map(() => ['note', 'no build of an image is given an SSH agent: the command finds none'] as const),
  ],
  [
    'an agent that must be there',
    ['RUN --mount=type=ssh,required=true git clone x'],
    ...builders.map(() => ['refused', unmet('SSH agent')] as const),
  ],
  ['a type that nobody knows', ['RUN --mount=type=floppy,target=/a x'], null, null, null],
  [
    'commands in a heredoc',
    ['RUN <<EOF', 'make', 'EOF'],
    ['refused', `kaniko runs nothing of \`RUN <<EOF\` and goes on: ${commands}, or ${byBuildkit}`],
    null,
    ['refused', `buildah takes the lines of \`RUN <<EOF\` for instructions: ${commands}, or ${byBuildkit}`],
  ],
  [
    'a heredoc for a program, its name quoted and its tabs taken away',
    ['RUN python3 <<-"END" > /x', '\tprint()', '\tEND'],
    ['refused', `kaniko runs nothing of \`RUN <<END\` and goes on: ${commands}, or ${byBuildkit}`],
    null,
    ['refused', `buildah takes the lines of \`RUN <<END\` for instructions: ${commands}, or ${byBuildkit}`],
  ],
  [
    'a file in a heredoc',
    ['COPY <<EOF /etc/motd', 'hello', 'EOF'],
    ['refused', `kaniko knows no \`COPY <<EOF\`: ${file('copy')}, or ${byBuildkit}`],
    null,
    ['refused', `buildah takes the lines of \`COPY <<EOF\` for instructions: ${file('copy')}, or ${byBuildkit}`],
  ],
  [
    'one that is added',
    ['ADD <<EOF /etc/motd', 'hello', 'EOF'],
    ['refused', `kaniko knows no \`ADD <<EOF\`: ${file('add')}, or ${byBuildkit}`],
    null,
    ['refused', `buildah takes the lines of \`ADD <<EOF\` for instructions: ${file('add')}, or ${byBuildkit}`],
  ],
  ['what only looks like a heredoc: a string of the shell', ['RUN cat <<<EOF'], null, null, null],
  ['a shift of bits, which no line ends', ['RUN echo $((1 <<2 ))'], null, null, null],
  ['words of a heredoc as one argument', ['RUN ["cat", "<<EOF"]'], null, null, null],
  ['a mount behind the command', ['RUN run-it --mount=type=bind,target=/m'], null, null, null],
  ['a mount that somebody else’s build has', ['ONBUILD RUN --mount=target=/m ls'], null, null, null],
];

describe('what only some builders do', () => {
  it.each(table.map(([title, lines, ...expected]) => ({ title, lines, expected })))('$title', ({ lines, expected }) => {
    expect(builders.map((builder) => said(builder, lines))).toEqual(expected);
  });

  it('is told with its line, also of an instruction over several lines and behind a heredoc', () => {
    const lines = ['RUN <<EOF', 'RUN --mount=target=/no', 'EOF', '', 'RUN --mount=target=/m \\', '  make', 'RUN true'];
    expect(judge('kaniko', lines).refused.map(({ line }) => line)).toEqual([2, 6]);
    expect(judge('buildkit', lines)).toEqual({ refused: [], notes: [] });
  });

  it.each([
    ['lib', []],
    ['LIB', []],
    ['0', []],
    ['app', [4]],
    ['1', [4]],
    ['absent', [4]],
    [null, [4]],
  ])('counts in the stages that are built for the target %s', (target, lines) => {
    const named = judgeFeatures(
      fileFeatures('FROM scratch AS lib\nRUN true\nFROM lib AS app\nRUN --mount=target=/m ls\n', target),
      'kaniko',
    );
    expect(named.refused.map(({ line }) => line)).toEqual(lines);
  });
});
