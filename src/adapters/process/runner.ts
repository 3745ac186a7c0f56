import { mkdir } from 'node:fs/promises';
import { type BuildRecord, hasCode, pathsIn, readJson } from './record.ts';
import { capLogs, createPodRun, ownMark } from './run-pod.ts';

// A program of its own, `node runner.ts FOLDER`: it drives one build and outlives the worker that started it.
// SIGTERM makes it look into `ended.json`.

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: runner.ts FOLDER');

if (await claim(pathsIn(folder).claimed)) {
  const record = await readJson<BuildRecord>(pathsIn(folder).record);
  if (record === null) throw new Error(`${folder} holds no build`);
  await drive(record, folder);
}

async function drive(record: BuildRecord, place: string): Promise<void> {
  const run = createPodRun(record, place, await ownMark(), Date.now);
  process.on('SIGTERM', () => run.obey().catch(fail));
  const { activeDeadlineSeconds: seconds, terminationGracePeriodSeconds: graceSeconds } = record.manifest.spec;
  const message = `the pod was active for longer than its ${seconds} seconds`;
  const left = Math.max(0, record.createdAt + seconds * 1000 - Date.now());
  const over = () => run.endFor({ reason: 'DeadlineExceeded', message, graceSeconds });
  setTimeout(over, Math.min(left, 2 ** 31 - 1)).unref();
  setInterval(() => capLogs(record, place).catch(fail), 500).unref();
  await run.drive();
}

/** Of two runners of one build the first one drives it. */
async function claim(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw new Error(`cannot claim the build by ${path}`, { cause });
  }
}

function fail(cause: unknown): never {
  process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
  process.exit(70);
}
