import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, type Node, parse, parseDocument } from 'yaml';
import { chart } from './helm.ts';

const text = readFileSync(join(chart, 'values.yaml'), 'utf8');
const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));

/** Keys of these are the reader's own, or another program's. */
const free = /\.(?:requests|limits\.max|limits\.default|limits\.defaultRequest|limits|labels)$/;

/** Where a value stands in the file without a comment right above it. */
function uncommented(node: unknown, path = ''): string[] {
  if (!isMap(node)) {
    const items = (node as { items?: readonly unknown[] } | null)?.items ?? [];
    return items.flatMap((item) => (isMap(item) ? uncommented(item, `${path}[]`) : []));
  }
  return node.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) return [];
    const here = `${path}.${key.value}`;
    // The first key's comment belongs, for the parser, to the map that it begins.
    const comment = (key as Node).commentBefore ?? (index === 0 ? node.commentBefore : undefined);
    const below = free.test(here) && (value as { flow?: boolean } | null)?.flow ? [] : uncommented(value, here);
    return comment || node.flow ? below : [here, ...below];
  });
}

describe('the values of the chart', () => {
  it('each have a comment', () => {
    expect(uncommented(parseDocument(text).contents)).toEqual([]);
  });

  it('satisfy their own schema, which knows every one of them', () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(Object.keys(schema.properties).filter((name) => name !== 'global')).toEqual(Object.keys(parse(text)));
  });
});

it('every file of alert rules has groups whose rules say what to do', () => {
  const files = readdirSync(join(chart, 'alerts'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const { groups } = parse(readFileSync(join(chart, 'alerts', file), 'utf8'));
    const rules = groups.flatMap((group: { rules: readonly object[] }) => group.rules);
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule, file).toMatchObject({ annotations: { description: expect.any(String) } });
  }
});
