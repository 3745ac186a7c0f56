import { setTimeout as wait } from 'node:timers/promises';
import type { CliDeps } from '../../src/cli/deps.ts';
import { runProgram } from '../../src/cli/program.ts';

function unexpected(name: string) {
  return async (): Promise<never> => {
    throw new Error(`${name} was not expected to be called`);
  };
}

const nothing: Omit<CliDeps, 'io'> = {
  version: '1.2.3',
  serve: unexpected('serve'),
  checkConfig: unexpected('checkConfig'),
  plan: unexpected('plan'),
  explain: unexpected('explain'),
  render: unexpected('render'),
  toYaml: async (value) => `${JSON.stringify(value)}\n`,
  tryJob: unexpected('tryJob'),
  builds: unexpected('builds'),
  queues: unexpected('queues'),
  tellQueue: unexpected('tellQueue'),
  why: unexpected('why'),
  audit: unexpected('audit'),
  flakes: unexpected('flakes'),
  recordArrivals: unexpected('recordArrivals'),
  devGithub: unexpected('devGithub'),
  demo: unexpected('demo'),
  manifestFor: unexpected('manifestFor'),
  creationUrl: () => 'http://127.0.0.1:1/unexpected',
  verify: unexpected('verify'),
  exchangeCode: unexpected('exchangeCode'),
};

/** A command line that is being run, with what it has printed so far. */
export interface Session {
  readonly printed: { out: string; err: string };
  readonly code: Promise<number>;
  /** Ctrl-C. */
  readonly interrupt: () => void;
}

export function startSluice(words: readonly string[], deps: Partial<CliDeps> = {}): Session {
  const printed = { out: '', err: '' };
  const interruption = new AbortController();
  const io: CliDeps['io'] = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    terminal: false,
    interrupted: interruption.signal,
    now: () => 1_000_000_000,
    newToken: () => 'a-token-that-nobody-guesses',
  };
  const code = runProgram({ ...nothing, io, ...deps }, words);
  return { printed, code, interrupt: () => interruption.abort() };
}

/** Runs it to its end. */
export async function sluice(words: readonly string[], deps: Partial<CliDeps> = {}) {
  const session = startSluice(words, deps);
  const code = await session.code;
  return { code, ...session.printed };
}

/** Waits for text on standard output. */
export async function untilPrinted({ printed }: Session, pattern: RegExp): Promise<RegExpExecArray> {
  for (let tries = 0; tries < 200; tries += 1) {
    const match = pattern.exec(printed.out);
    if (match) return match;
    await wait(10);
  }
  throw new Error(`${pattern} was not printed; there is: ${printed.out}${printed.err}`);
}
