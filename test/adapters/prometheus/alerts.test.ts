import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createPrometheus } from '../../../src/adapters/prometheus/prometheus.ts';
import { parseExposition } from '../../harness/exposition.ts';
import { noFigures } from './figures-fixture.ts';

it('every alert asks for a metric that there is', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../../src/adapters/prometheus/README.md'), 'utf8');
  const rows = readme.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'));
  const prometheus = createPrometheus({ figures: async () => noFigures, pools: [], version: '1', now: Date.now });
  const { families } = parseExposition(await prometheus.scrape());
  prometheus.close();
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) {
    const asked = [...row.matchAll(/sluice_[a-z_]+[a-z]/g)].map(([name]) => name);
    expect(asked.length, row).toBeGreaterThan(0);
    for (const name of asked)
      expect(families.has(name) || families.has(name.replace(/_(count|sum|bucket)$/, '')), `${name} in ${row}`).toBe(
        true,
      );
  }
});

it('so does every rule of the chart', async () => {
  const folder = join(import.meta.dirname, '../../../charts/sluice/alerts');
  const prometheus = createPrometheus({ figures: async () => noFigures, pools: [], version: '1', now: Date.now });
  const { families } = parseExposition(await prometheus.scrape());
  prometheus.close();
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
  const groups = files.flatMap((text) => parse(text).groups as { rules: { alert: string; expr: string }[] }[]);
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(7);
  for (const { alert, expr } of rules) {
    const [name = ''] = /sluice_[a-z_]+[a-z]/.exec(expr) ?? [];
    expect(families.has(name.replace(/_(count|sum|bucket)$/, '')), `${name} in ${alert}`).toBe(true);
  }
});
