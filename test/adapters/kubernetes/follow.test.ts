import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, type FakeCall, failure } from './fake-api-server.ts';
import { buildNamed, ended, type FakeStory, podNamed, startFakeStory, until } from './fake-story.ts';

const one = buildNamed(1);
const running = { phase: 'Running', containerStatuses: [{ name: 'main', state: { running: {} } }] };
const over = (exitCode: number) => ({
  phase: exitCode === 0 ? 'Succeeded' : 'Failed',
  containerStatuses: [{ name: 'main', state: ended(exitCode) }],
});

let story: FakeStory;
/** How the log endpoint answers, one call after another; the last answer is given again. */
let script: ((response: ServerResponse, call: FakeCall) => void)[] = [];
let asked: FakeCall[] = [];

beforeEach(async () => {
  story = await startFakeStory();
  asked = [];
  story.server.faults.push((call, response) => {
    if (!call.path.endsWith('/log')) return null;
    asked.push(call);
    const next = script[Math.min(asked.length, script.length) - 1];
    next?.(response, call);
    return true;
  });
});
afterEach(() => story.end());

function stamped(second: number, text: string): string {
  return `2026-01-02T03:04:${String(second).padStart(2, '0')}.123456789Z ${text}`;
}

const lines = ['one', 'two', 'three', 'four'].map((text, at) => `${stamped(at * 5, text)}\n`);

/** The log as the node has it, from when it was asked for. */
function since({ query }: FakeCall): string[] {
  const from = Date.parse(query.get('sinceTime') ?? '1970-01-01T00:00:00Z');
  return lines.filter((line) => Date.parse(line.slice(0, 30)) >= from);
}

function whole(response: ServerResponse, call: FakeCall): void {
  response.end(since(call).join(''));
}

/** As an API server does that is told to end. */
function endsAfter(count: number, more: string): (response: ServerResponse, call: FakeCall) => void {
  return (response, call) => void response.end(since(call).slice(0, count).join('') + more);
}

function breaksAfter(count: number, more = ''): (response: ServerResponse, call: FakeCall) => void {
  return (response, call) => {
    response.write(since(call).slice(0, count).join('') + more, () => setTimeout(() => response.destroy(), 20));
  };
}

async function follow(signal = AbortSignal.timeout(15_000)): Promise<string> {
  const pieces: string[] = [];
  await story.executor.follow(one, ({ text }) => pieces.push(text), signal);
  expect(signal.aborted && signal.reason.name === 'TimeoutError').toBe(false);
  return pieces.join('');
}

describe('a follower', () => {
  it('asks for the output from the start, and once more for what came after its end', async () => {
    story.server.put(podNamed(one, running));
    script = [
      (response, call) => {
        response.write(lines.slice(0, 3).join(''));
        setTimeout(() => {
          story.server.put(podNamed(one, over(0)));
          response.end();
        }, 50);
        expect(call.query.get('follow')).toBe('true');
        expect(call.query.has('sinceTime')).toBe(false);
      },
      whole,
    ];
    expect(await follow()).toBe('one\ntwo\nthree\nfour\n');
    expect(asked[1]?.query.get('follow')).toBe('false');
  });

  it.each`
    broken                                 | first
    ${'in the middle of the log'}          | ${breaksAfter(2)}
    ${'in the middle of a line'}           | ${breaksAfter(1, stamped(5, 'tw'))}
    ${'in order, in the middle of a line'} | ${endsAfter(1, stamped(5, 'tw'))}
    ${'before anything was said'}          | ${breaksAfter(0)}
    ${'with an error of the node'}         | ${(response: ServerResponse) => answer(response, 500, failure(500, 'InternalError', 'dial tcp: refused'))}
    ${'with words of the node'}            | ${(response: ServerResponse) => response.end('unable to retrieve container logs for containerd://1\n')}
  `('that is cut off $broken reads on without losing or doubling a line', async ({ first }) => {
    story.server.put(podNamed(one, running));
    script = [
      first,
      (response, call) => {
        story.server.put(podNamed(one, over(0)));
        whole(response, call);
      },
      whole,
    ];
    expect(await follow()).toBe('one\ntwo\nthree\nfour\n');
  });

  it('goes on when the API server is away for a while', async () => {
    story.server.put(podNamed(one, running));
    script = [breaksAfter(2), whole];
    let away = false;
    story.server.faults.unshift((call, response) => {
      if (call.path.endsWith('/log') && asked.length === 1) away = true;
      if (!away) return null;
      response.destroy();
      return true;
    });
    const following = follow();
    await until('the break', () => away);
    story.server.endWatches('reset');
    story.server.put(podNamed(one, over(0)), 'silently');
    await sleep(300);
    story.server.faults.shift();
    expect(await following).toBe('one\ntwo\nthree\nfour\n');
  });

  it.each`
    code   | most
    ${500} | ${5}
    ${404} | ${2}
  `('gives up a log that is answered with $code once the pod is over, and only then', async ({ code, most }) => {
    story.server.put(podNamed(one, running));
    script = [(response) => void answer(response, code, failure(code, 'Fault', 'dial tcp: refused'))];
    const following = follow();
    await until('several attempts', () => asked.length >= 4);
    const before = asked.length;
    story.server.put(podNamed(one, over(1)));
    expect(await following).toBe('');
    expect(asked.length - before).toBeLessThanOrEqual(most + 1);
    expect(asked.length).toBeGreaterThan(before);
  });

  it('does not wait for a stream that says nothing more although its container has ended', async () => {
    story.server.put(podNamed(one, running));
    script = [
      (response) => {
        response.write(lines.slice(0, 2).join(''));
        setTimeout(() => story.server.put(podNamed(one, over(0))), 50);
      },
      whole,
    ];
    expect(await follow()).toBe('one\ntwo\nthree\nfour\n');
  });

  it.each`
    what                  | status
    ${'failed unstarted'} | ${{ phase: 'Failed', reason: 'Evicted' }}
    ${'deleted'}          | ${null}
  `('ends when the pod is $what, with nothing', async ({ status }) => {
    story.server.put(podNamed(one, { phase: 'Pending' }));
    const following = follow();
    await sleep(200);
    if (status === null) story.server.drop(one);
    else story.server.put(podNamed(one, status));
    expect(await following).toBe('');
    expect(asked).toEqual([]);
  });

  it('ends at once when nobody listens any more', async () => {
    story.server.put(podNamed(one, running));
    script = [(response) => void response.write(lines[0])];
    const enough = new AbortController();
    const following = follow(enough.signal);
    await until('the stream to be open', () => asked.length === 1);
    await sleep(50);
    enough.abort();
    expect(await following).toBe('one\n');
  });
});
