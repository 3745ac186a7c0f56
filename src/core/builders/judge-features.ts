import type { PoolSettings } from '../../model/order.ts';
import type { FileFeature, Mount } from '../from/file-features.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/** What an author is told of one line of a container file before it is built: why, and what to write instead. */
export interface Remark {
  /** From 1. */
  readonly line: number;
  readonly because: string;
}

/** What is said of a container file for one builder. */
export interface FeatureJudgement {
  /** It would be built wrong, or not at all: it is not begun. */
  readonly refused: readonly Remark[];
  /** It is built, and not as the file may lead one to think. */
  readonly notes: readonly Remark[];
}

const byBuildkit = 'let the operator have images built with BuildKit (`SLUICE_BUILDER=buildkit`)';

type Said = { readonly kind: 'refused' | 'note'; readonly because: string } | null;

/**
 * Kaniko v1.24, BuildKit v0.26 and buildah 1.28, as each was seen to do it (builders.md §6, §7): kaniko ignores every mount and runs
 * nothing of a heredoc, and checks no `ADD --checksum`, without a word; buildah says that it knows neither that nor `RUN --network`, and
 * takes a heredoc for instructions. That kaniko heeds no `RUN --network` follows from its log, where it runs like any other: what such a
 * command reaches was not looked at. A secret is given to no build, whatever the builder.
 */
export function judgeFeatures(features: readonly FileFeature[], builder: PoolSettings['builder']): FeatureJudgement {
  const said = features.flatMap((feature) => {
    const found = judgeFeature(feature, builder);
    return found === null ? [] : [{ line: feature.line, ...found }];
  });
  const of = (wanted: 'refused' | 'note'): readonly Remark[] =>
    said.flatMap(({ kind, line, because }) => (kind === wanted ? [{ line, because }] : []));
  return { refused: of('refused'), notes: of('note') };
}

function judgeFeature(feature: FileFeature, builder: PoolSettings['builder']): Said {
  switch (feature.kind) {
    case 'mount':
      return judgeMount(feature.mount, builder);
    case 'heredoc':
      return judgeHeredoc(feature, builder);
    case 'checksum':
      return builder === 'kaniko' ? uncheckedSum(feature.checksum) : null;
    case 'network':
      return builder === 'kaniko' && feature.network === 'none' ? unheededNetwork : null;
  }
}

/** Whatever came would go into the image, and the build be green. */
function uncheckedSum(checksum: string): Said {
  const plain = /^sha256:[0-9a-f]{64}$/.test(checksum) ? checksum.slice('sha256:'.length) : 'SHA256';
  const check = inlineCode(`echo "${plain}  FILE" | sha256sum -c`);
  return {
    kind: 'refused',
    because: `kaniko does not check ${inlineCode('ADD --checksum')}: take it out and check the file by ${check} in a \`RUN\` after it, or ${byBuildkit}`,
  };
}

const unheededNetwork: Said = {
  kind: 'note',
  because: `kaniko does not heed \`RUN --network=none\`: the command reaches what the whole build reaches; ${byBuildkit} where it must not`,
};

function judgeHeredoc(
  { keyword, name }: Extract<FileFeature, { kind: 'heredoc' }>,
  builder: PoolSettings['builder'],
): Said {
  if (builder === 'buildkit') return null;
  const heredoc = inlineCode(`${keyword} <<${name}`);
  const does =
    builder === 'buildah'
      ? `buildah takes the lines of ${heredoc} for instructions`
      : keyword === 'RUN'
        ? `kaniko runs nothing of ${heredoc} and goes on`
        : `kaniko knows no ${heredoc}`;
  const instead =
    keyword === 'RUN'
      ? 'write its commands after `RUN`, joined with `&& \\`, or copy them as a script'
      : `write its lines as a file of the repository and ${keyword === 'ADD' ? 'add' : 'copy'} that`;
  return { kind: 'refused', because: `${does}: ${instead}, or ${byBuildkit}` };
}

function judgeMount(mount: Mount, builder: PoolSettings['builder']): Said {
  if (mount.type === 'secret' || mount.type === 'ssh') return judgeSecret(mount);
  if (builder !== 'kaniko') return null;
  const words = `kaniko ignores ${inlineCode(`RUN --mount=type=${mount.type}`)}`;
  const place = mount.target === null ? 'its place' : inlineCode(mount.target);
  if (mount.type === 'bind' || (mount.type === 'cache' && mount.from !== null))
    return {
      kind: 'refused',
      because: `${words}, and the command would find nothing at ${place}: ${copyOf(mount)}, or ${byBuildkit}`,
    };
  if (mount.type !== 'cache' && mount.type !== 'tmpfs') return null;
  const kept = mount.type === 'cache' ? ' nothing is there from an earlier build, and' : '';
  return {
    kind: 'note',
    because: `${words}:${kept} what the command leaves at ${place} becomes part of the image; remove it in the same \`RUN\`, or ${byBuildkit}`,
  };
}

/** The same content by an instruction that every builder knows. */
function copyOf({ from, source, target }: Mount): string {
  const words = from === null ? ['COPY', source ?? '.'] : ['COPY', `--from=${from}`, source ?? '/'];
  return `write ${inlineCode([...words, target ?? 'TARGET'].join(' '))} before it`;
}

/** Code that builds an image never meets a credential (design.md §6). */
function judgeSecret({ type, id, target, required }: Mount): Said {
  const what = type === 'ssh' ? 'SSH agent' : `secret${id === null ? '' : ` ${inlineCode(id)}`}`;
  if (required)
    return {
      kind: 'refused',
      because: `it asks for the ${what} with \`required\`, and no build of an image is given one: let a job with \`secrets\` fetch what it is for, or take \`required\` out`,
    };
  const where = type === 'ssh' ? '' : ` at ${inlineCode(target ?? `/run/secrets/${id ?? ''}`)}`;
  return {
    kind: 'note',
    because: `no build of an image is given ${type === 'ssh' ? 'an' : 'a'} ${what}: the command finds none${where}`,
  };
}
