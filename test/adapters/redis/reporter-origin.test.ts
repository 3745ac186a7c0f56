import { expect, it } from 'vitest';
import type { SubjectId } from '../../../src/model/subject.ts';
import { final, progress, project } from './fake-check-runs.ts';
import { reporterFixture } from './reporter-fixture.ts';

const fixture = reporterFixture();
const subject = 'presubmit/7/12' as SubjectId;
const written = () =>
  fixture.log.lines.flatMap(({ message, fields }) =>
    message === 'check run written' ? [fields as { subject: string | null; delivery: string[] }] : [],
  );

it('a check run that is written names every delivery whose wish was never shown, and those no more afterwards', async () => {
  const reporter = fixture.open();
  await fixture.redis.hset(`${fixture.prefix}doc:${subject}`, { version: 1 });
  await reporter.want(project(5), progress('c/1', 'first'), { subject, deliveries: ['delivery-1'] });
  await reporter.want(project(5), progress('c/1', 'second'), { subject, deliveries: [] });
  await reporter.want(project(5), progress('c/1', 'third'), { subject, deliveries: ['delivery-2', 'delivery-3'] });
  fixture.listen(reporter);
  await expect.poll(() => written().length, { timeout: 10_000 }).toBe(1);
  expect(written()[0]).toMatchObject({ subject, delivery: ['delivery-1', 'delivery-2', 'delivery-3'] });
  await reporter.want(project(5), final('c/1'), { subject, deliveries: [] });
  await expect.poll(() => written().length, { timeout: 10_000 }).toBe(2);
  expect(written()[1]).toMatchObject({ subject, delivery: [] });
});

it('a wish without an origin is written and names nobody', async () => {
  const reporter = fixture.open();
  await reporter.want(project(5), final('c/2'));
  fixture.listen(reporter);
  await expect.poll(() => written().length, { timeout: 10_000 }).toBe(1);
  expect(written()[0]).toMatchObject({ subject: null, delivery: [] });
});

it('a wish of a pass that an old backup knows nothing of is not written, and one that it knows is', async () => {
  const reporter = fixture.open();
  const document = `${fixture.prefix}doc:${subject}`;
  await fixture.redis.hset(document, { version: 7 });
  await reporter.want(project(5), progress('c/3'), { subject, version: 8, deliveries: [] });
  expect(await reporter.waiting()).toBe(0);
  await reporter.want(project(5), progress('c/3'), { subject, version: 7, deliveries: [] });
  expect(await reporter.waiting()).toBe(1);
  await fixture.redis.del(document);
  await reporter.want(project(5), progress('c/4'), { subject, version: 1, deliveries: [] });
  expect(await reporter.waiting()).toBe(1);
});
