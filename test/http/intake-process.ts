/** A web server of its own process, so that its memory and its answers can be measured from outside. */
import { throwingParts } from './throwing-parts.ts';
import { realClock, startWeb } from './web-fixture.ts';

const blockMs = Number(process.argv[2] ?? 0);

const web = await startWeb({
  limits: { bodyMs: Number(process.argv[3] ?? 8_000) },
  onStored: () => {
    const until = realClock.now() + blockMs;
    while (realClock.now() < until);
  },
  ...(process.argv[4] === 'throwing' ? throwingParts() : {}),
});
process.once('SIGTERM', () => void web.server.close());
console.log(web.url);
