// biome-ignore-all lint/suspicious/noTemplateCurlyInString: container files are written so
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBases } from '../../../src/core/from/find-bases.ts';
import { type FromPlan, planFrom } from '../../../src/core/from/plan-from.ts';
import { applyReplacements } from '../../../src/core/from/replace-lines.ts';
import type { FromRule } from '../../../src/model/from.ts';

const by = 'quay.io/acme/base:1';

function aRule(match: string, reference = by): FromRule {
  return { match, use: { kind: 'reference', reference } };
}

interface Over {
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly platform?: string | null;
  readonly values?: Readonly<Record<string, string>>;
}

function plan(dockerfile: string, rules: readonly FromRule[], over: Over = {}): FromPlan {
  return planFrom({ rules, path: 'Dockerfile', dockerfile, buildArgs: {}, platform: null, values: {}, ...over });
}

function rewritten(dockerfile: string, rules: readonly FromRule[], over: Over = {}): string {
  const found = plan(dockerfile, rules, over);
  return found.kind === 'refused' ? found.because : (applyReplacements(dockerfile, found.replaced) ?? 'another file');
}

describe('a rule that matches replaces the image, and nothing but the image', () => {
  it.each`
    what                             | rule                              | before                                                                   | after
    ${'the name itself'}             | ${'golang:1.24'}                  | ${'FROM golang:1.24\n'}                                                  | ${`FROM ${by}\n`}
    ${'in full (line 5)'}            | ${'docker.io/library/golang:1.*'} | ${'FROM golang:1.24'}                                                    | ${`FROM ${by}`}
    ${'in short (line 5)'}           | ${'golang'}                       | ${'FROM docker.io/library/golang:1.24'}                                  | ${`FROM ${by}`}
    ${'another name of the hub'}     | ${'golang'}                       | ${'FROM index.docker.io/library/golang'}                                 | ${`FROM ${by}`}
    ${'upper case (line 5)'}         | ${'quay.io/acme/tool'}            | ${'from Quay.io/acme/Tool:2'}                                            | ${`from ${by}`}
    ${'no tag is latest'}            | ${'golang:latest'}                | ${'FROM golang'}                                                         | ${`FROM ${by}`}
    ${'whatever digest'}             | ${'golang:1.24'}                  | ${`FROM golang:1.24@sha256:${'a'.repeat(64)}`}                           | ${`FROM ${by}`}
    ${'a star stays in its part'}    | ${'quay.io/*/tool'}               | ${'FROM quay.io/acme/tool'}                                              | ${`FROM ${by}`}
    ${'two stars go on'}             | ${'**/tool'}                      | ${'FROM quay.io/a/b/tool:1'}                                             | ${`FROM ${by}`}
    ${'a port is no tag'}            | ${'localhost:5000/tool'}          | ${'FROM localhost:5000/tool:3'}                                          | ${`FROM ${by}`}
    ${'AS stays (line 1)'}           | ${'golang'}                       | ${'FROM golang AS build # c'}                                            | ${`FROM ${by} AS build # c`}
    ${'--platform stays'}            | ${'golang'}                       | ${'FROM --platform=$BUILDPLATFORM golang AS b'}                          | ${`FROM --platform=$BUILDPLATFORM ${by} AS b`}
    ${'white space and line ends'}   | ${'golang'}                       | ${'  FROM\t golang  AS b\r\nRUN x\r\n'}                                  | ${`  FROM\t ${by}  AS b\r\nRUN x\r\n`}
    ${'over two lines'}              | ${'golang'}                       | ${'FROM \\\n  # why\n  golang \\\n  AS b\nRUN x'}                        | ${`FROM \\\n  # why\n  ${by} \\\n  AS b\nRUN x`}
    ${'a name in two lines'}         | ${'golang:1'}                     | ${'FROM go\\\nlang:1 AS b\nRUN x'}                                       | ${`FROM ${by}\\\n AS b\nRUN x`}
    ${'the escape of the file'}      | ${'golang'}                       | ${'# escape=`\nFROM `\ngolang\n'}                                        | ${`# escape=\`\nFROM \`\n${by}\n`}
    ${'escape after another one'}    | ${'golang'}                       | ${'# syntax=x\n# escape=`\nFROM `\ngolang\n'}                            | ${`# syntax=x\n# escape=\`\nFROM \`\n${by}\n`}
    ${'COPY --from (line 10)'}       | ${'golang'}                       | ${'FROM scratch\nCOPY --chown=1 --from=golang a b'}                      | ${`FROM scratch\nCOPY --chown=1 --from=${by} a b`}
    ${'a mount (line 12)'}           | ${'golang'}                       | ${'FROM scratch\nRUN --mount=type=bind,from=golang,target=/x ls golang'} | ${`FROM scratch\nRUN --mount=type=bind,from=${by},target=/x ls golang`}
    ${'a mount that begins with it'} | ${'golang'}                       | ${'FROM scratch\nRUN --mount=from=golang ls'}                            | ${`FROM scratch\nRUN --mount=from=${by} ls`}
    ${'several lines'}               | ${'golang'}                       | ${'FROM golang AS a\nFROM golang:2\n'}                                   | ${`FROM ${by} AS a\nFROM ${by}\n`}
    ${'a byte order mark'}           | ${'golang'}                       | ${'\ufeffFROM golang'}                                                   | ${`\ufeffFROM ${by}`}
    ${'named so already'}            | ${'quay.io/acme/*'}               | ${'FROM quay.io/acme/base:1'}                                            | ${'FROM quay.io/acme/base:1'}
  `('$what', ({ rule, before, after }) => {
    expect(rewritten(before, [aRule(rule)])).toBe(after);
  });

  it('writes the name in full, so that no stage of that name is meant', () => {
    expect(rewritten('FROM alpine AS golang\nFROM debian', [aRule('debian', 'golang')])).toBe(
      'FROM alpine AS golang\nFROM docker.io/library/golang:latest',
    );
  });
});

describe('what is no image from elsewhere is never replaced', () => {
  it.each`
    what                              | dockerfile
    ${'an earlier stage (line 9)'}    | ${'FROM debian AS golang\nFROM golang'}
    ${'whatever its case'}            | ${'FROM debian AS GoLang\nFROM golang'}
    ${'a stage of COPY (line 11)'}    | ${'FROM debian AS golang\nFROM alpine\nCOPY --from=golang a b'}
    ${'a stage of a mount'}           | ${'FROM debian AS golang\nFROM alpine\nRUN --mount=from=golang ls'}
    ${'the name of a stage (line 8)'} | ${'FROM debian AS golang'}
    ${'text of a heredoc'}            | ${'FROM debian\nRUN <<EOF\nFROM golang\nEOF'}
    ${'a heredoc with tabs'}          | ${"FROM debian\nCOPY <<-'E' /x\n\tFROM golang\n\tE\n"}
    ${'a comment'}                    | ${'FROM debian\n# FROM golang\n'}
    ${'a continued command'}          | ${'FROM debian\nRUN echo \\\nFROM golang\n'}
    ${'what a command says'}          | ${'FROM debian\nRUN echo --mount=from=golang --from=golang'}
    ${'a trigger'}                    | ${'FROM debian\nONBUILD COPY --from=golang a b'}
    ${'a variable of COPY'}           | ${'ARG X=golang\nFROM debian\nCOPY --from=$X a b'}
    ${'source=from='}                 | ${'FROM debian\nRUN --mount=type=bind,source=from=golang ls'}
  `('$what', ({ dockerfile }) => {
    const found = plan(dockerfile, [aRule('golang')]);
    expect(found.kind === 'refused' && found.because).toMatch(/^rule 1 of `from` \(`golang`\) /);
    const others = plan(`${dockerfile}\nFROM busybox`, [aRule('busybox')]);
    expect(others.kind === 'planned' && others.replaced.map(({ was }) => was)).toEqual(['FROM busybox']);
  });

  it('nor are scratch and numbers of stages', () => {
    const file = 'FROM scratch AS a\nFROM alpine\nCOPY --from=0 a b\nRUN --mount=from=0 ls';
    expect(findBases(file, { buildArgs: new Map(), platform: null }).bases.map(({ word }) => word.text)).toEqual([
      'alpine',
    ]);
  });
});

describe('variables of FROM are expanded as Docker does it, then matched (lines 6 and 7)', () => {
  it.each`
    what                                     | args                           | from                      | build         | image
    ${'a default'}                           | ${'ARG I=golang:1'}            | ${'$I'}                   | ${{}}         | ${'golang:1'}
    ${'in braces'}                           | ${'ARG V=1'}                   | ${'golang:${V}-alpine'}   | ${{}}         | ${'golang:1-alpine'}
    ${'a build argument above it'}           | ${'ARG V=1'}                   | ${'golang:$V'}            | ${{ V: '2' }} | ${'golang:2'}
    ${'one that is not declared counts not'} | ${''}                          | ${'golang:1$V'}           | ${{ V: '2' }} | ${'golang:1'}
    ${'no default'}                          | ${'ARG V'}                     | ${'golang:1$V'}           | ${{}}         | ${'golang:1'}
    ${'no default, and a build argument'}    | ${'ARG V'}                     | ${'golang:$V'}            | ${{ V: '2' }} | ${'golang:2'}
    ${'one names another'}                   | ${'ARG V=1\nARG I=golang:$V'}  | ${'$I'}                   | ${{}}         | ${'golang:1'}
    ${'with the build argument of it'}       | ${'ARG V=1\nARG I=golang:$V'}  | ${'$I'}                   | ${{ V: '3' }} | ${'golang:3'}
    ${'several in one line'}                 | ${'ARG V=1 I=golang:$V'}       | ${'$I'}                   | ${{}}         | ${'golang:1'}
    ${'the last one'}                        | ${'ARG V=1\nARG V=2'}          | ${'golang:$V'}            | ${{}}         | ${'golang:2'}
    ${'quotes'}                              | ${'ARG I="golang:1"'}          | ${'"$I"'}                 | ${{}}         | ${'golang:1'}
    ${'quotes that expand nothing'}          | ${"ARG I='$V'\nARG V=1"}       | ${'golang:1${I:+}'}       | ${{}}         | ${'golang:1'}
    ${':- of an unset'}                      | ${''}                          | ${'golang:${V:-1}'}       | ${{}}         | ${'golang:1'}
    ${':- of an empty'}                      | ${'ARG V='}                    | ${'golang:${V:-1}'}       | ${{}}         | ${'golang:1'}
    ${':- of a set'}                         | ${'ARG V=2'}                   | ${'golang:${V:-1}'}       | ${{}}         | ${'golang:2'}
    ${'- of an empty'}                       | ${'ARG V='}                    | ${'golang:1${V-1}'}       | ${{}}         | ${'golang:1'}
    ${':+ of a set'}                         | ${'ARG V=2'}                   | ${'golang:1${V:+-x}'}     | ${{}}         | ${'golang:1-x'}
    ${':+ of an empty'}                      | ${'ARG V='}                    | ${'golang:1${V:+-x}'}     | ${{}}         | ${'golang:1'}
    ${'one in another'}                      | ${'ARG W=3'}                   | ${'golang:${V:-${W:-1}}'} | ${{}}         | ${'golang:3'}
    ${'an escaped sign'}                     | ${'ARG V=1'}                   | ${'golang:1\\$V'}         | ${{}}         | ${'golang:1$V'}
    ${'one of a stage counts not'}           | ${'FROM alpine AS a\nARG V=9'} | ${'golang:1$V'}           | ${{}}         | ${'golang:1'}
    ${'one over two lines'}                  | ${'ARG V=1 \\\n I=golang:2'}   | ${'$I'}                   | ${{}}         | ${'golang:2'}
  `('$what', ({ args, from, build, image }) => {
    const buildArgs = new Map<string, string>(Object.entries(build));
    const { bases } = findBases(`${args}\nFROM ${from}\n`, { buildArgs, platform: null });
    expect(bases.at(-1)?.image).toEqual({ kind: 'text', text: image });
  });

  it.each`
    what                    | args                       | from               | platform
    ${'the architecture'}   | ${''}                      | ${'x:$TARGETARCH'} | ${'linux/arm64'}
    ${'declared, too'}      | ${'ARG TARGETARCH'}        | ${'x:$TARGETARCH'} | ${'linux/arm64'}
    ${'of the builder'}     | ${''}                      | ${'x:$BUILDARCH'}  | ${'linux/arm64'}
    ${'in another default'} | ${'ARG I=x:${TARGETARCH}'} | ${'$I'}            | ${'linux/arm64'}
  `('$what is the platform of the image, or is not known', ({ args, from, platform }) => {
    const file = `${args}\nFROM ${from}`;
    expect(rewritten(file, [aRule('x:arm64')], { platform })).toContain(by);
    expect(rewritten(file, [aRule('x:arm64')])).toMatch(/is known to the builder alone: name `platforms`/);
  });

  it('a replaced variable is a plain name in its line, and its ARG stays', () => {
    expect(rewritten('ARG I=golang\nFROM $I AS b\nRUN echo $I', [aRule('golang')])).toBe(
      `ARG I=golang\nFROM ${by} AS b\nRUN echo $I`,
    );
  });

  it('a build argument whose value is not known here is no match, and says why', () => {
    const said = rewritten('ARG V\nFROM golang:$V', [aRule('golang')], { buildArgs: { V: '{{ version.effective }}' } });
    expect(said).toContain('`golang:$V` (line 2: the build argument `V` names `{{ version.effective }}`');
  });

  it('values that hold each other do not grow without bounds', () => {
    const chain = Array.from({ length: 60 }, (_, at) => `ARG A${at + 1}=$A${at}$A${at}`).join('\n');
    const deep = `${'${X:-'.repeat(40_000)}a${'}'.repeat(40_000)}`;
    for (const file of [`ARG A0=ab\n${chain}\nFROM $A60`, `FROM ${deep}`])
      expect(plan(file, [aRule('golang')]).kind).toBe('refused');
  });
});

describe('what a rule puts there', () => {
  const streams = { 'go-1.23': 'golang:1.23', 'go-1.24': 'quay.io/acme/go:1.24' };
  it.each`
    what                        | use                                                                   | values                         | expected
    ${'a stream'}               | ${{ kind: 'stream', stream: 'go-1.24', streams }}                     | ${{}}                          | ${'FROM quay.io/acme/go:1.24'}
    ${'a stream by a value'}    | ${{ kind: 'stream', stream: 'go-{{ goMod.version }}', streams }}      | ${{ 'goMod.version': '1.23' }} | ${'FROM docker.io/library/golang:1.23'}
    ${'a reference by a value'} | ${{ kind: 'reference', reference: 'quay.io/b/{{ image }}' }}          | ${{ image: 'api' }}            | ${'FROM quay.io/b/api:latest'}
    ${'another image'}          | ${{ kind: 'image', image: 'base', reference: 'quay.io/acme/base:x' }} | ${{}}                          | ${'FROM quay.io/acme/base:x'}
    ${'no such stream'}         | ${{ kind: 'stream', stream: 'go-{{ goMod.version }}', streams }}      | ${{ 'goMod.version': '1.99' }} | ${'rule 1 of `from` (`golang`) asks for the stream `go-1.99`, and there is none: did you mean `go-1.23`? `streams` has `go-1.23`, `go-1.24`'}
    ${'no go.mod'}              | ${{ kind: 'stream', stream: 'go-{{ goMod.version }}', streams }}      | ${{}}                          | ${'rule 1 of `from` (`golang`) names `{{ goMod.version }}`, and there is no `go.mod` with a `go` line in the context or at the root'}
    ${'no known value'}         | ${{ kind: 'reference', reference: 'a/{{ sha }}' }}                    | ${{ image: 'api' }}            | ${'rule 1 of `from` (`golang`) names `{{ sha }}`, which is not known before it is built; known are `{{ image }}`'}
    ${'a value that is no tag'} | ${{ kind: 'reference', reference: 'a:{{ image }}' }}                  | ${{ image: 'x y\nRUN z' }}     | ${'rule 1 of `from` (`golang`) comes to `a:x y RUN z`, which is no image'}
  `('$what', ({ use, values, expected }) => {
    expect(rewritten('FROM golang', [{ match: 'golang', use }], { values })).toBe(expected);
  });
});

describe('what is not as it was meant is an error with its place and what to write (flavours-from-promotion.md §3A)', () => {
  it.each`
    what                     | dockerfile                                | rules                                                  | rule | because
    ${'matches nothing'}     | ${'FROM golang:1.24\nFROM alpine'}        | ${[aRule('alpine'), aRule('golang:1.22')]}             | ${1} | ${'rule 2 of `from` (`golang:1.22`) matches nothing in `Dockerfile`, which names `golang:1.24` (line 1), `alpine` (line 2): write one of these, or a glob that matches it, or take the rule out'}
    ${'a variable'}          | ${'ARG I=golang:1.24\nFROM $I'}           | ${[aRule('golang:1.22')]}                              | ${0} | ${'rule 1 of `from` (`golang:1.22`) matches nothing in `Dockerfile`, which names `golang:1.24` (line 2, written `$I`): write one of these, or a glob that matches it, or take the rule out'}
    ${'a stage'}             | ${'FROM golang AS builder\nFROM builder'} | ${[aRule('builder')]}                                  | ${0} | ${'rule 1 of `from` (`builder`) matches nothing in `Dockerfile`: `builder` is a stage there, which starts from `golang` (line 1): rules match images, not names of stages'}
    ${'no image'}            | ${'FROM scratch\nCOPY a b'}               | ${[aRule('golang')]}                                   | ${0} | ${'rule 1 of `from` (`golang`) matches nothing in `Dockerfile`, which names no image at all: take the rule out'}
    ${'two match (line 13)'} | ${'FROM alpine\nFROM golang:1.24'}        | ${[aRule('golang'), aRule('*:1.24'), aRule('alpine')]} | ${1} | ${'rules 1 and 2 of `from` (`golang` and `*:1.24`) match `golang:1.24` in line 2 of `Dockerfile`: leave one, or make it narrower'}
    ${'not UTF-8'}           | ${'FROM golang\ufffd'}                    | ${[aRule('golang')]}                                   | ${0} | ${'`Dockerfile` is not UTF-8 text: save it as UTF-8'}
    ${'a file of no person'} | ${'FROM golang\n'.repeat(201)}            | ${[aRule('golang')]}                                   | ${0} | ${'`Dockerfile` names more than 200 images: rules are not applied to it'}
  `('$what', ({ dockerfile, rules, rule, because }) => {
    expect(plan(dockerfile, rules)).toEqual({ kind: 'refused', rule, because });
  });
});

describe('whatever the file', () => {
  const words = [
    'FROM ',
    'COPY --from=',
    'RUN --mount=from=',
    'ARG X=',
    'golang',
    'alpine',
    ':1',
    ' AS b',
    '$X',
    '${X:-',
    '}',
    '\\\n',
    '\n',
    '\r\n',
    '# ',
    "'",
    '"',
    '<<E',
    '\nE\n',
    ' ',
    ',',
    'é',
    '\t',
    '`',
    '# escape=`\n',
  ];
  const dockerfile = fc.oneof(
    fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  it('one in which nothing matches is the same, byte for byte, and is told so', () => {
    fc.assert(
      fc.property(dockerfile, (text) => {
        const found = plan(`${text}\nFROM busybox:mine`, [aRule('nothing.example/at-all')]);
        expect(found.kind).toBe('refused');
        const kept = plan(text, []);
        expect(kept).toEqual({ kind: 'planned', replaced: [] });
        expect(applyReplacements(text, [])).toBe(text);
      }),
    );
  });

  it('lines without a matching image stay as they are, the count of lines too, and a second look finds nothing more', () => {
    fc.assert(
      fc.property(dockerfile, (text) => {
        const found = plan(text, [aRule('golang')]);
        if (found.kind === 'refused') return;
        const after = applyReplacements(text, found.replaced) ?? '';
        const [old, now] = [text.split('\n'), after.split('\n')];
        expect(now.length).toBe(old.length);
        const changed = new Set(found.replaced.map(({ line }) => line));
        for (const [at, line] of old.entries()) if (!changed.has(at + 1)) expect(now[at]).toBe(line);
        const bases = findBases(after, { buildArgs: new Map(), platform: null }).bases.map(({ image }) => image);
        expect(bases.some((image) => image.kind === 'text' && /^golang(:1)*$/.test(image.text))).toBe(false);
        expect(applyReplacements(`# another\n${text}`, found.replaced)).toBe(
          found.replaced.length > 0 ? null : `# another\n${text}`,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
