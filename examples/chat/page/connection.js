/** The connection to the server, made again whenever it is lost. */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

export class Connection {
  #socket = null;
  #pause = FIRST_PAUSE;
  #handlers;

  /** @param handlers `open()`, `event(event)` for all that the server tells, `lost()`. */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#connect();
    addEventListener('online', () => this.#connect());
  }

  /** Sends a request; false if there is no connection. */
  send(request) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(request));
    return true;
  }

  #connect() {
    if (this.#socket !== null && this.#socket.readyState <= WebSocket.OPEN) return;
    const socket = new WebSocket(new URL('socket', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#pause = FIRST_PAUSE;
      this.#handlers.open();
    });
    socket.addEventListener('message', ({ data }) => this.#handlers.event(JSON.parse(data)));
    socket.addEventListener('close', () => {
      this.#handlers.lost();
      setTimeout(() => this.#connect(), this.#pause * (1 - Math.random() / 2));
      this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2);
    });
  }
}
