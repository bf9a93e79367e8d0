/** One server's socket: opened again and again, ever less often, for as long as the page is there. */

export interface SocketListener {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** With what the server said when it closed, if it said anything. */
  readonly onLost: (reason: string) => void;
}

const WAIT_MIN_MS = 250;
const WAIT_MAX_MS = 4_000;
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
    // A machine that vanished without a word would keep a connection attempt for minutes.
    const patience = setTimeout(() => attempt.close(), SILENCE_MAX_MS);
    attempt.onopen = () => {
      clearTimeout(patience);
      listener.onOpen();
    };
    attempt.onmessage = ({ data }) => {
      waitMs = WAIT_MIN_MS;
      if (typeof data === 'string') listener.onText(data);
    };
    attempt.onclose = ({ reason }) => {
      clearTimeout(patience);
      if (!isWanted) return;
      listener.onLost(reason);
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, WAIT_MAX_MS);
    };
  };

  open();
  return () => {
    isWanted = false;
    clearTimeout(timer);
    socket?.close();
  };
}
