import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** What one object is; its content only where it was asked for. */
export interface FoundObject {
  readonly id: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly bytes: number;
  readonly content: Buffer | null;
}

/** Answers questions about the objects of one repository by one process of git that stays, in the order they were asked. */
export interface ObjectProcess {
  /** Null when the repository has no such object. `name` is a full id. Rejects when git ends or takes too long. */
  ask(verb: 'info' | 'contents', name: string): Promise<FoundObject | null>;
  /** Ends the process; what waits rejects. A new question starts another one. */
  end(): void;
}

export interface ObjectProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** One answer. */
  readonly answerMs: number;
  /** Without a question for so long the process ends by itself. */
  readonly idleMs: number;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

interface Question {
  readonly wantsContent: boolean;
  readonly resolve: (found: FoundObject | null) => void;
  readonly reject: (cause: Error) => void;
}

/** The answers in the order of the questions, cut out of what arrives. */
function createAnswers(questions: Question[]) {
  let parts: Buffer[] = [];
  let held = 0;
  let needed = 1;

  function takeOne(bytes: Buffer, at: number): number | null {
    const line = bytes.indexOf(10, at);
    if (line === -1) return null;
    const [id = '', type = '', size = ''] = bytes.toString('latin1', at, line).split(' ');
    const question = questions[0];
    if (question === undefined) throw new Error('git answered what nobody asked');
    if (type === 'missing' || type === 'ambiguous') {
      questions.shift()?.resolve(null);
      return line + 1;
    }
    const length = Number(size);
    const end = question.wantsContent ? line + 1 + length + 1 : line + 1;
    if (bytes.length < end) {
      needed = end - at;
      return null;
    }
    const content = question.wantsContent ? Buffer.from(bytes.subarray(line + 1, line + 1 + length)) : null;
    questions.shift()?.resolve({ id, type: type as FoundObject['type'], bytes: length, content });
    return end;
  }

  return (part: Buffer): void => {
    parts.push(part);
    held += part.length;
    // A large object arrives in many parts, which are joined once.
    if (held < needed) return;
    const bytes = parts.length === 1 ? part : Buffer.concat(parts);
    needed = 1;
    let at = 0;
    for (let next = takeOne(bytes, at); next !== null; next = takeOne(bytes, at)) at = next;
    parts = at === bytes.length ? [] : [bytes.subarray(at)];
    held = bytes.length - at;
  };
}

/** Starts the process with the first question. Whoever asks must know that an object is not larger than what may be held. */
export function createObjectProcess(repository: string, options: ObjectProcessOptions): ObjectProcess {
  let child: Child | null = null;
  let questions: Question[] = [];
  let timer: NodeJS.Timeout | null = null;

  function fail(ended: Child, because: string): void {
    if (child !== ended) return;
    child = null;
    if (timer !== null) clearTimeout(timer);
    const waiting = questions;
    questions = [];
    for (const { reject } of waiting) reject(new Error(`cannot read objects of ${repository}: ${because}`));
    ended.kill('SIGKILL');
  }

  function watch(): void {
    if (timer !== null) clearTimeout(timer);
    const current = child;
    if (current === null) return;
    const idle = questions.length === 0;
    const because = idle ? 'nobody asked any more' : `git gave no answer within ${options.answerMs} ms`;
    timer = setTimeout(() => fail(current, because), idle ? options.idleMs : options.answerMs);
    hold(current, timer, !idle);
  }

  function started(): Child {
    if (child !== null) return child;
    const env = { ...options.environment, GIT_DIR: repository };
    const fresh = spawn('git', ['cat-file', '--batch-command'], { cwd: '/', env, stdio: ['pipe', 'pipe', 'ignore'] });
    child = fresh;
    const answers = createAnswers(questions);
    fresh.stdout.on('data', (part: Buffer) => {
      if (child !== fresh) return;
      try {
        answers(part);
        watch();
      } catch (cause) {
        fail(fresh, cause instanceof Error ? cause.message : 'its answer cannot be read');
      }
    });
    fresh.stdin.on('error', (cause) => fail(fresh, cause.message));
    fresh.on('error', (cause) => fail(fresh, cause.message));
    fresh.on('close', (code) => fail(fresh, `git ended with code ${code}`));
    return fresh;
  }

  return {
    async ask(verb, name) {
      if (!/^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(name)) throw new TypeError(`not an object id: ${JSON.stringify(name)}`);
      const { stdin } = started();
      const answered = new Promise<FoundObject | null>((resolve, reject) => {
        questions.push({ wantsContent: verb === 'contents', resolve, reject });
      });
      stdin.write(`${verb} ${name}\n`);
      if (questions.length === 1) watch();
      return answered;
    },
    end() {
      if (child !== null) fail(child, 'the reader was closed');
    },
  };
}

type Held = { ref?: () => unknown; unref?: () => unknown };

/** A process that waits for questions keeps nobody from ending: its input ends with us, and it with that. */
function hold(child: Child, timer: NodeJS.Timeout, needed: boolean): void {
  for (const each of [child, child.stdin, child.stdout, timer] as Held[]) {
    if (needed) each.ref?.();
    else each.unref?.();
  }
}
