/** What went wrong, as a client should hear it, whoever threw it. */
import { badRequest, Fault, STATUS_OF } from './errors.ts';

const BODY_TOO_LARGE = 'FST_ERR_CTP_BODY_TOO_LARGE';

/**
 * Faults stay what they are; the framework's own complaints become ours. Anything else is a bug of
 * this server: a write it broke may have been appended, so it is never called definitely failed.
 */
export function faultOf(error: unknown, request: { readonly method: string }): Fault {
  if (error instanceof Fault) return error;
  const { code, statusCode, message } = describe(error);
  if (code === BODY_TOO_LARGE) {
    return new Fault('too_large', 'the body is longer than 1,048,576 bytes');
  }
  if (error instanceof TypeError) return badRequest(message);
  if (statusCode === STATUS_OF.too_large) return new Fault('too_large', message);
  if (statusCode >= 400 && statusCode < 500) return badRequest(message);
  if (request.method === 'GET' || request.method === 'HEAD') return new Fault('internal', message);
  return new Fault('outcome_unknown', `${message}: the request may have been applied`);
}

function describe(error: unknown): { code: string; statusCode: number; message: string } {
  const { code, statusCode, message } = (error ?? {}) as Record<string, unknown>;
  return {
    code: String(code),
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
    message: typeof message === 'string' ? message : String(error),
  };
}
