/** Fastify, for the HTTP service alone: it comes bundled, and no user installs it. */
export {
  default,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
