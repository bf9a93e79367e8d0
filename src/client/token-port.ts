/** HTTP with a token: shown with every request, asked for anew each time when it is a function. */
import { NO_TOKEN } from './connection-faults.ts';
import type { HttpPort } from './http-port.ts';

/** A function may give another one each time, so that tokens can be renewed while a client lives. */
export type TokenSource = string | (() => string | Promise<string>);

/** What may stand behind `Bearer`. */
const shown = /^[\x21-\x7e]+$/;

/** @throws TypeError for a text that cannot be one */
export function tokenPort(http: HttpPort, token: TokenSource): HttpPort {
  if (typeof token === 'string' && !shown.test(token)) {
    throw new TypeError('A token is a word without spaces, as it was printed; this is none.');
  }
  return {
    send(request, done) {
      let abandon = () => false;
      const send = (secret: unknown) => {
        if (typeof secret !== 'string' || !shown.test(secret)) return done('refused', NO_TOKEN);
        const headers = { ...request.headers, Authorization: `Bearer ${secret}` };
        abandon = http.send({ ...request, headers }, done);
      };
      let isAbandoned = false;
      const secret = typeof token === 'string' ? token : attempted(token);
      if (typeof secret === 'string') send(secret);
      else void secret.then((later) => !isAbandoned && send(later));
      return () => {
        isAbandoned = true;
        return abandon();
      };
    },
    close: () => http.close(),
  };
}

/** One that throws gives none. */
async function attempted(token: () => string | Promise<string>): Promise<string | null> {
  try {
    return await token();
  } catch {
    return null;
  }
}
