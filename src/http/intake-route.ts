import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../ports/clock.ts';
import { type IntakeOptions, type IntakeState, receiveDelivery } from './receive-delivery.ts';

/** Where the App's webhook points to. */
export const webhookPath = '/api/github/webhooks';

/** Adds the webhook endpoint. */
export function addIntakeRoute(server: FastifyInstance, options: IntakeOptions, state: IntakeState): void {
  server.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: webhookPath,
    onRequest: async (_request, reply) =>
      reply.code(405).header('allow', 'POST').send({ error: 'Webhooks are delivered by POST.' }),
    handler: unreached,
  });
  server.post(webhookPath, {
    // Before fastify looks at the body: the bytes are read by us, raw.
    onRequest: async (request, reply) => {
      const { status, body } = await receiveDelivery(request.raw, options, state);
      if (!request.raw.complete) closeLater(request, reply, options.limits.lingerMs, options.clock);
      return reply.code(status).send(body);
    },
    handler: unreached,
  });
}

async function unreached(): Promise<never> {
  throw new Error('every webhook request is answered before its handler');
}

/** What a refused sender may still send and have thrown away; then it is no longer read. */
const lingerBytes = 2 * 1024 * 1024;

/** A sender that is cut off at once may never see why: it gets a moment to read the answer, then the connection ends. */
function closeLater(request: FastifyRequest, reply: FastifyReply, ms: number, clock: Clock): void {
  const { raw } = request;
  const { socket } = raw;
  let discarded = 0;
  const discard = (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > lingerBytes) raw.pause();
  };
  reply.raw.once('finish', () => {
    raw.on('data', discard).resume();
    void clock.sleep(ms).then(() => {
      if (!raw.complete) socket.destroy();
    });
  });
}
