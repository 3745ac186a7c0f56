import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endsWithin } from './deadline.ts';

const endLimitMs = 10_000;

/**
 * Makes this process the one whose server uses the folder: two servers would destroy each other's files. A server that a
 * killed process left behind is shut down (its data stays); one whose process lives is an error that names it.
 */
export async function takeFolder(folder: string, socket: string): Promise<void> {
  const ownerFile = join(folder, 'owner.pid');
  if (await answers(socket)) {
    const owner = await readOwner(ownerFile);
    if (owner !== null && isAlive(owner)) {
      throw new Error(`the folder ${folder} is in use by process ${owner}: end that one, or choose another folder`);
    }
    await shutDown(socket);
  }
  await writeFile(ownerFile, `${process.pid}\n`);
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socket);
    attempt.once('connect', () => {
      attempt.destroy();
      resolve(true);
    });
    attempt.once('error', () => resolve(false));
  });
}

async function readOwner(file: string): Promise<number | null> {
  try {
    return Number.parseInt(await readFile(file, 'utf8'), 10) || null;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // Not ours to signal is alive all the same.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

async function shutDown(socket: string): Promise<void> {
  const redis = new Redis(socket, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  const ended = new Promise<void>((resolve) => redis.once('end', () => resolve()));
  redis.on('error', endsWithoutAnswer);
  redis.shutdown().catch(endsWithoutAnswer);
  const hasEnded = await endsWithin(endLimitMs, ended);
  redis.disconnect();
  if (!hasEnded) throw new Error(`the server that an earlier process left on ${socket} does not end`);
}

/** Whether it did end is what the closed connection tells. */
function endsWithoutAnswer(): void {}
