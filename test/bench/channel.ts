import { type ChildProcess, fork } from 'node:child_process';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type FromChild =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly told: string; readonly about: unknown };

/** A process of the bench that answers calls. */
export interface Peer {
  readonly pid: number;
  /** Resolves when it answers calls; rejects when it ends before. */
  readonly ready: Promise<void>;
  call<T>(method: string, ...args: readonly unknown[]): Promise<T>;
  /** Calls back with what the process tells of itself under this name. */
  on(told: string, hear: (about: never) => void): void;
  /** SIGTERM, and SIGKILL when that is not heard within 10 s. */
  stop(): Promise<void>;
}

/** Starts a program of ours; `settings` reach it as its one argument. What it prints on its standard error is ours. */
export function startPeer(file: string, settings: unknown, nodeOptions: readonly string[] = []): Peer {
  const child = fork(file, [JSON.stringify(settings)], {
    execArgv: [...nodeOptions],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const hearing = new Map<string, (about: never) => void>();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message: FromChild) => {
    if ('told' in message) return hearing.get(message.told)?.(message.about as never);
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) call?.reject(new Error(message.error));
    else call?.resolve(message.result);
  });
  child.once('exit', (code, signal) => {
    for (const call of waiting.values()) call.reject(new Error(`${file} ended (${signal ?? code})`));
  });
  const ready = Promise.withResolvers<void>();
  hearing.set('ready', () => ready.resolve());
  void ended.then(() => ready.reject(new Error(`${file} ended before it was ready`)));
  ready.promise.catch(() => undefined);
  let last = 0;
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    on: (told, hear) => void hearing.set(told, hear),
    call: <T>(method: string, ...args: readonly unknown[]) => {
      const answer = Promise.withResolvers<unknown>();
      last += 1;
      waiting.set(last, answer);
      child.send({ id: last, method, args } satisfies Call);
      return answer.promise as Promise<T>;
    },
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

/** In the started process: the settings it was given. */
export function settingsOfThis<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** In the started process: tells the starter something. */
export function tell(told: string, about: unknown): void {
  process.send?.({ told, about });
}

/** In the started process: answers the starter's calls, and ends when it is gone. */
export function answerCalls(methods: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  process.on('message', (call: Call) => {
    void answer(methods, call).then((reply) => process.send?.(reply));
  });
  // Ctrl-C reaches the whole group; the starter ends us in its order.
  process.on('SIGINT', () => undefined);
  process.once('disconnect', () => process.exit(0));
  tell('ready', null);
}

async function answer(
  methods: Readonly<Record<string, (...args: never[]) => unknown>>,
  { id, method, args }: Call,
): Promise<FromChild> {
  try {
    const called = methods[method];
    if (!called) throw new Error(`no method ${method}`);
    return { id, result: await called(...(args as never[])) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
