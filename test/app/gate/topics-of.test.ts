import { expect, it } from 'vitest';
import { topicsOf } from '../../../src/app/gate/topics-of.ts';
import { branchTopic, headTopic } from '../../../src/model/topic.ts';
import { anAsked, anItem, aRecord, headOf, project } from '../../core/gate/gate-fixture.ts';

it('a queue hears of pushes to its branch also while nobody waits, and of the heads of those who do', () => {
  const pushes = branchTopic(project.id, 'main');
  expect(topicsOf(aRecord())).toEqual([pushes]);
  const heads = [headTopic(project.id, headOf(1)), headTopic(project.id, headOf(2))];
  expect(topicsOf(aRecord({ items: [anItem(1)], asked: [anAsked(2)] }))).toEqual([...heads, pushes]);
});
