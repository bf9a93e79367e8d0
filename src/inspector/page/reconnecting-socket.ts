/**
 * One server's socket: it is opened again whenever it is lost. After a dozen failed sockets browsers
 * delay every further one by seconds; so a server that was lost is asked by a plain request first, and
 * its socket is opened when it answers.
 */
import {
  FORBIDDEN,
  INSPECTION_SUBPROTOCOL,
  SOCKET_PATH,
  TOKEN_PREFIX,
  UNAUTHENTICATED,
} from '../protocol.ts';

interface SocketListener {
  readonly onText: (text: string) => void;
  /** With what the server said when it closed, if it said anything, and whether it refused us. */
  readonly onLost: (reason: string, isRefused: boolean) => void;
  /** It wants a token, or another one: it is asked again when the returned function is called. */
  readonly onDenied: (reason: string) => void;
}

const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 1_000;
/** The server has no room for one more page (RFC 6455's registry: try again later). */
const TRY_LATER = 1013;
const PING_MS = 2_000;
/** A process that is stopped, or a cable that is out, says nothing and closes nothing. */
const SILENCE_MAX_MS = 5_000;
/** What it is asked for. */
const PAGE_PATH = '/inspect';
/** A request that takes longer is repeated. */
const ANSWER_MAX_MS = 3_000;
/** After so many requests without an answer the socket is tried all the same: requests may be blocked. */
const ASKED_MAX = 12;

/**
 * @param address - of the server: `http://127.0.0.1:7101`
 * @param token - what it is shown, if there is any
 * @returns a function that reconnects at once if the socket is not open
 */
export function openReconnecting(
  address: string,
  token: () => string | null,
  { onText, onLost, onDenied }: SocketListener,
): () => void {
  const socketUrl = new URL(SOCKET_PATH, address);
  socketUrl.protocol = socketUrl.protocol === 'https:' ? 'wss:' : 'ws:';
  let waitMs = WAIT_MIN_MS;
  let timer: number | undefined;
  let socket: WebSocket | null = null;

  const later = (asked: number) => {
    timer = setTimeout(async () => {
      const isThere = asked === ASKED_MAX || (await answers(address));
      if (socket !== null) return;
      if (isThere) open();
      else later(asked + 1);
    }, waitMs);
    waitMs = Math.min(waitMs * 2, WAIT_MAX_MS);
  };

  const open = () => {
    const shown = token();
    const protocols = shown === null ? [] : [INSPECTION_SUBPROTOCOL, TOKEN_PREFIX + shown];
    const attempt = new WebSocket(socketUrl, protocols);
    socket = attempt;
    let heardAt = performance.now();
    const pulse = setInterval(() => {
      if (performance.now() - heardAt > SILENCE_MAX_MS) {
        lost('it does not answer');
        attempt.close();
      } else if (attempt.readyState === WebSocket.OPEN) attempt.send('ping');
    }, PING_MS);
    /** False if it has been given up before. */
    const giveUp = () => {
      clearInterval(pulse);
      const isCurrent = socket === attempt;
      if (isCurrent) socket = null;
      return isCurrent;
    };
    const lost = (reason: string, isRefused = false) => {
      if (!giveUp()) return;
      onLost(reason, isRefused);
      later(0);
    };
    attempt.onmessage = ({ data }) => {
      if (socket !== attempt) return;
      heardAt = performance.now();
      waitMs = WAIT_MIN_MS;
      if (typeof data === 'string') onText(data);
    };
    attempt.onclose = ({ code, reason }) => {
      if (code !== UNAUTHENTICATED && code !== FORBIDDEN) lost(reason, code === TRY_LATER);
      else if (giveUp()) onDenied(reason);
    };
  };

  open();
  return () => {
    if (socket !== null) return;
    clearTimeout(timer);
    open();
  };
}

/** Whether anybody is there, whatever the answer says: of another origin it cannot be read. */
async function answers(address: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MAX_MS);
    const options = { method: 'HEAD', mode: 'no-cors', cache: 'no-store', signal } as const;
    const answer = await fetch(new URL(PAGE_PATH, address), options);
    await answer.text(); // Else the browser counts it as broken off.
    return true;
  } catch {
    return false;
  }
}
