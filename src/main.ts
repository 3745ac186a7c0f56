import { randomBytes } from 'node:crypto';
import type { CliDeps } from './cli/deps.ts';
import { runProgram } from './cli/program.ts';
import { readMachine } from './machine.ts';
import { wantedBuilder } from './pool-settings.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

const machine = readMachine(process.env);

const io: CliDeps['io'] = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true && machine.ci === false,
  interrupted: interruption.signal,
  now: Date.now,
  newToken: () => randomBytes(24).toString('base64url'),
};

const deps: CliDeps = {
  io,
  version: machine.version,
  serve: async (options) => (await import('./serve.ts')).serve(options, machine, io),
  checkConfig: async (content, file) =>
    (await import('./check-config.ts')).checkConfig(content, file, machine.organisation, wantedBuilder(machine)),
  plan: async (repository, source) => (await import('./plan-locally.ts')).planLocally(repository, source, machine),
  explain: async (wish) => (await import('./explain-here.ts')).explainHere(wish, machine),
  render: async (repository, job) => (await import('./plan-locally.ts')).renderLocally(repository, job, machine),
  toYaml: async (value) => (await import('yaml')).stringify(value),
  tryJob: async (repository, job, executor, onOutput) =>
    (await import('./try-job.ts')).tryJob(repository, job, executor, onOutput, machine, io.interrupted),
  builds: async (all) => (await import('./list-builds.ts')).listBuilds(all, machine),
  queues: async () => (await import('./list-queues.ts')).listQueues(machine),
  tellQueue: async (word) => (await import('./command-queue.ts')).tellQueue(word, machine, io),
  why: async (number, repository) => (await import('./explain-change.ts')).explainChange(number, repository, machine),
  audit: async (wish) => (await import('./audit-queues.ts')).auditHere(wish, machine),
  flakes: async (wish) => (await import('./flakes-here.ts')).flakesHere(wish, machine),
  recordArrivals: async (wish) => (await import('./record-arrivals-here.ts')).recordArrivalsHere(wish, machine),
  devGithub: async (options) => (await import('./dev-github.ts')).devGithub(options, machine),
  demo: async (options) => (await import('./play-demo.ts')).playDemo(options, machine, io),
  manifestFor: async (wishes) =>
    (await import('./adapters/github/manifest-flow.ts')).manifestFor(
      wishes,
      (await import('yaml')).parse(await machine.readAppYml()),
    ),
  creationUrl: (github, organisation, state) => machine.creationUrl(github, organisation, state),
  verify: async (wish) => (await import('./verify-setup.ts')).verifySetup(wish, machine),
  exchangeCode: async (github, code) =>
    (await import('./adapters/github/manifest-flow.ts')).exchangeCode(machine.apiUrlOf(github), code),
};

process.exitCode = await runProgram(deps, process.argv.slice(2));
// The verb has ended: a request that still waits for an answer, as one to a GitHub that gives none, does not keep the process.
setTimeout(() => process.exit(), 2_000).unref();
