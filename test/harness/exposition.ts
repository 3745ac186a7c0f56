/** One family of Prometheus' text format. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: ReadonlyMap<string, number>;
}

/** Sample by its full name with labels, as `sluice_x_total{result="success"}`; undefined: it is not shown. */
export interface Exposition {
  readonly families: ReadonlyMap<string, Family>;
  value(sample: string): number | undefined;
  readonly samples: ReadonlyMap<string, number>;
}

const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/;
const suffixes: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

function familyOf(sample: string, families: ReadonlyMap<string, { readonly type: string }>): string {
  if (families.has(sample)) return sample;
  for (const [name, { type }] of families)
    if (suffixes[type]?.some((suffix) => sample === `${name}${suffix}`)) return name;
  throw new Error(`${sample} belongs to no family that was announced before it`);
}

function toNumber(text: string): number {
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  if (Number.isNaN(value)) throw new Error(`${text} is no number`);
  return value;
}

/** Reads text format 0.0.4 and throws at whatever Prometheus would refuse: no HELP or TYPE, a sample twice, a bad name or value. */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { name: string; type: string; help: string; samples: Map<string, number> }>();
  const samples = new Map<string, number>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const announced = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (announced) {
      const [, kind, name = '', rest = ''] = announced;
      const known = kind === 'HELP' ? helps.has(name) : families.has(name);
      if (known) throw new Error(`${kind} of ${name} stands there twice`);
      if (kind === 'HELP') helps.set(name, rest);
      else families.set(name, { name, type: rest, help: helps.get(name) ?? '', samples: new Map() });
      continue;
    }
    const read = sampleLine.exec(line);
    if (!read) throw new Error(`not a line of Prometheus: ${line}`);
    const [, name = '', labels = '', value = ''] = read;
    const key = `${name}${labels}`;
    if (samples.has(key)) throw new Error(`${key} stands there twice`);
    samples.set(key, toNumber(value));
    families.get(familyOf(name, families))?.samples.set(key, toNumber(value));
  }
  return { families, samples, value: (sample) => samples.get(sample) };
}

/** Reads `/metrics` of a server. */
export async function scrapeAt(url: string): Promise<Exposition & { readonly text: string }> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
  const text = await response.text();
  return { ...parseExposition(text), text };
}
