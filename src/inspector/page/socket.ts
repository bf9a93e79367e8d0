/** One server's socket: opened again and again, ever less often, for as long as the page is there. */

export interface SocketListener {
  readonly onText: (text: string) => void;
  /** With what the server said when it closed, if it said anything, and whether it refused us. */
  readonly onLost: (reason: string, isRefused: boolean) => void;
}

const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 1_000;
/** The server has no room for one more page (RFC 6455's registry: try again later). */
const TRY_LATER = 1013;
const PING_MS = 2_000;
/** A process that is stopped, or a cable that is out, says nothing and closes nothing. */
const SILENCE_MAX_MS = 5_000;

/** Returns what closes it for good. */
export function keepOpen(url: string, listener: SocketListener): () => void {
  let waitMs = WAIT_MIN_MS;
  let timer: number | undefined;
  let socket: WebSocket | null = null;
  let isWanted = true;

  const open = () => {
    const attempt = new WebSocket(url);
    socket = attempt;
    let heardAt = performance.now();
    let reasonOfOurs = '';
    const pulse = setInterval(() => {
      if (performance.now() - heardAt > SILENCE_MAX_MS) {
        reasonOfOurs = 'it does not answer';
        lost('');
        attempt.close();
      } else if (attempt.readyState === WebSocket.OPEN) attempt.send('ping');
    }, PING_MS);
    const lost = (reason: string, isRefused = false) => {
      clearInterval(pulse);
      if (!isWanted || socket !== attempt) return;
      socket = null;
      listener.onLost(reason || reasonOfOurs, isRefused);
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, WAIT_MAX_MS);
    };
    attempt.onmessage = ({ data }) => {
      if (socket !== attempt) return;
      heardAt = performance.now();
      waitMs = WAIT_MIN_MS;
      if (typeof data === 'string') listener.onText(data);
    };
    attempt.onclose = ({ code, reason }) => lost(reason, code === TRY_LATER);
  };

  open();
  return () => {
    isWanted = false;
    clearTimeout(timer);
    socket?.close();
  };
}
