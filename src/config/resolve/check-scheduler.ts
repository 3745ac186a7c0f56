import { quote } from '../problems/finding.ts';
import type { WrittenGate } from '../schema/later.ts';
import type { Report } from './read-entries.ts';

/** Whether a project's way of scheduling goes with the rest of `gate:` (scheduling.md §5: whole trees of one branch are tested). */
export function checkScheduler(written: WrittenGate, report: Report): void {
  const { scheduler, slots, prefixes, lanes, batches, joins, queue, landing, reuse } = written;
  const fault = (path: readonly string[], message: string, hint: string): void =>
    report({ path: ['gate', ...path], at: 'value', message, hint });
  if (joins !== undefined && joins !== 'off' && lanes !== 'closure')
    fault(
      ['joins'],
      '`joins` is for `lanes: closure`',
      'leave it out: where each tree that lands was tested, nothing else is to be run on the branch',
    );
  if (scheduler !== 'best-first') {
    if (slots !== undefined)
      fault(
        ['slots'],
        '`slots` is for `scheduler: best-first`',
        'write `window: { start: N }`, or choose that scheduler',
      );
    if (prefixes !== undefined)
      fault(
        ['prefixes'],
        '`prefixes` is for `scheduler: best-first`',
        'leave it out: with the window each change lands by itself; or choose that scheduler',
      );
    if (lanes === 'closure')
      fault(
        ['lanes'],
        `\`lanes: closure\` is for \`scheduler: best-first\``,
        'leave it out: with the window each change is tested on all that is ahead; or choose that scheduler',
      );
    if (batches !== undefined)
      fault(['batches'], '`batches` is for `scheduler: best-first`', 'leave it out, or choose that scheduler');
    return;
  }
  if (lanes === 'closure' && reuse === 'off')
    fault(
      ['lanes'],
      '`lanes: closure` lands on the strength of a pass of before, and with `reuse: off` none counts',
      'leave out `reuse`, or `lanes`',
    );
  if (batches === true && prefixes === false)
    fault(
      ['batches'],
      'what is tested by one build lands by one push, and `prefixes: false` wants each commit green by itself',
      'leave out `batches`, or `prefixes`',
    );
  if (queue !== undefined)
    fault(
      ['scheduler'],
      `${quote('best-first')} is for a queue of one project, and this one is shared by name`,
      'leave out `queue`, or write `scheduler: window`',
    );
  if (landing === 'merge-endpoint')
    fault(
      ['scheduler'],
      `${quote('best-first')} needs to know the commits that land, and with \`landing: merge-endpoint\` the forge makes them`,
      'write `landing: push`, or `scheduler: window`',
    );
}
