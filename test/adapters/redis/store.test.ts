import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe } from 'vitest';
import { createDocumentStore } from '../../../src/adapters/redis/document-store.ts';
import { createIntake } from '../../../src/adapters/redis/intake.ts';
import { createNotes } from '../../../src/adapters/redis/notes.ts';
import { createWantedLine } from '../../../src/adapters/redis/wanted-line.ts';
import { describeDocuments } from '../../contract/store-documents.ts';
import type { StorePorts } from '../../contract/store-examples.ts';
import { describeIntake, describeNotes } from '../../contract/store-intake.ts';
import { describeLine } from '../../contract/store-line.ts';
import type { TestRedis } from '../../harness/redis.ts';
import { keepingLog, startEmbeddedTestRedis, startTestRedis } from '../../harness/redis.ts';

describe.each([
  { server: 'redis-server', start: () => startTestRedis(), histories: 50 },
  { server: 'js-redis-server', start: startEmbeddedTestRedis, histories: 5 },
])('the store on $server', ({ start, histories }) => {
  let server: TestRedis;
  let redis: Redis;
  let opened = 0;
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await start();
    redis = server.open();
  });
  afterAll(async () => {
    await Promise.all(closers.map((close) => close()));
    await server.stop();
  });

  function open(): StorePorts {
    const prefix = `test${opened++}:`;
    const intake = createIntake(redis, prefix, { now: () => 1, consumer: 'a', log: keepingLog() });
    closers.push(() => intake.close());
    return {
      store: createDocumentStore(redis, prefix),
      line: createWantedLine(redis, prefix),
      intake,
      notes: createNotes(redis, prefix),
    };
  }

  describeDocuments(open);
  describeLine(open, histories);
  describeIntake(open);
  describeNotes(open);
});
