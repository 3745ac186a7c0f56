/** What a text of Ansible comes to with our own `{{ values }}`. */
export type Filled =
  | { readonly kind: 'text'; readonly text: string }
  /** One for git tags and others for branches, as `{{ zuul.tag | default('latest') }}`. */
  | { readonly kind: 'by-event'; readonly otherwise: readonly string[] }
  | { readonly kind: 'unknown'; readonly expression: string };

const ours: Readonly<Record<string, string>> = {
  'zuul.tag': '{{ tag }}',
  'zuul.branch': '{{ branch }}',
  'zuul.commit_id': '{{ sha }}',
  'zuul.newrev': '{{ sha }}',
  'zuul.patchset': '{{ sha }}',
};

const isTagged = /(?:\bzuul\.tag is defined\b|'tag' in zuul\b|"tag" in zuul\b|^\(? *zuul\.tag *\|? *default\b)/;
const otherwise =
  /(?:ternary *\(.*, *(\[[^[\]()]*\]|'[^']*'|"[^"]*") *\)|default *\( *(\[[^[\]()]*\]|'[^']*'|"[^"]*") *\)|\belse +(\[[^[\]()]*\]|'[^']*'|"[^"]*")) *$/;

/** `project`: `owner/name` of the repository, which Zuul fills in itself; null: not known. Longer texts are not looked into. */
export function fillJinja(text: string, project: string | null): Filled {
  if (!/\{\{|\}\}|\{%/.test(text)) return { kind: 'text', text };
  const shown = text.slice(0, 120);
  if (text.length > 400 || text.includes('{%')) return { kind: 'unknown', expression: shown };
  const whole = /^\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))*)\}\}$/.exec(text.trim())?.[1]?.trim();
  if (whole !== undefined && isTagged.test(whole)) {
    const found = otherwise.exec(whole);
    const literals = (found?.[1] ?? found?.[2] ?? found?.[3])?.match(/'[^']*'|"[^"]*"/g);
    if (literals) return { kind: 'by-event', otherwise: literals.map((literal) => literal.slice(1, -1)) };
  }
  let unknown: string | null = null;
  const filled = text.replace(/\{\{([^{}]*)\}\}/g, (all, inner: string) => {
    const value = ourValue(inner.trim(), project);
    if (value === null) unknown ??= all;
    return value ?? '';
  });
  if (unknown !== null) return { kind: 'unknown', expression: shown };
  // What our own values do not account for is half a placeholder.
  const rest = filled.replace(/\{\{ (?:tag|branch|sha) \}\}/g, '');
  return /\{\{|\}\}/.test(rest) ? { kind: 'unknown', expression: shown } : { kind: 'text', text: filled };
}

function ourValue(expression: string, project: string | null): string | null {
  if (Object.hasOwn(ours, expression)) return ours[expression] ?? null;
  if (project === null) return null;
  if (expression === 'zuul.project.short_name') return project.split('/').at(-1) ?? null;
  return expression === 'zuul.project.name' ? project : null;
}
