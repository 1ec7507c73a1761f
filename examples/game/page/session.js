/** The connection to the server, and all that is known from there. */
import { decodeSnapshot, encodeControls } from '../shared/codec.js';
import { REFUSED, REPLACED } from '../shared/messages.js';
import { Timeline } from '../shared/timeline.js';

const TOKEN = 'rockfall-token';
const RETRY = 1000;

/**
 * Plays on the server that this page is from; when the connection is lost, connects again and goes on with the same ship.
 * Dispatches `welcome`, `news` (with the news as `detail`), `lost`, and `over` when another tab has taken the ship.
 */
export class Session extends EventTarget {
  timeline = new Timeline();
  /** Ships by their ids: name, hue, isBot. */
  ships = new Map();
  me = 0;
  size = 0;
  rocks = [];
  #name;
  #socket;

  constructor(name) {
    super();
    this.#name = name;
    this.#connect();
  }

  /** What is to be shown at that time; null before the first snapshot. */
  viewAt(time) {
    return this.timeline.at(time);
  }

  send(controls) {
    // While the network is slow the latest controls count, not all of them.
    if (this.#socket.readyState === WebSocket.OPEN && this.#socket.bufferedAmount < 64)
      this.#socket.send(encodeControls(controls));
  }

  #connect() {
    const url = new URL('/play', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () =>
      socket.send(JSON.stringify({ name: this.#name, token: sessionStorage.getItem(TOKEN) ?? undefined }));
    socket.onmessage = ({ data }) => (typeof data === 'string' ? this.#hear(JSON.parse(data)) : this.#see(data));
    socket.onclose = ({ code }) => this.#onClose(code);
    this.#socket = socket;
  }

  #see(bytes) {
    this.timeline.add(decodeSnapshot(new Uint8Array(bytes)), performance.now());
  }

  #hear(message) {
    if (message.type === 'welcome') {
      this.timeline = new Timeline();
      sessionStorage.setItem(TOKEN, message.token);
      Object.assign(this, { me: message.id, size: message.size, rocks: message.rocks });
      this.dispatchEvent(new Event('welcome'));
      return;
    }
    for (const ship of message.ships ?? []) this.ships.set(ship.id, ship);
    this.dispatchEvent(new CustomEvent('news', { detail: message }));
  }

  #onClose(code) {
    if (code === REPLACED || code === REFUSED) {
      sessionStorage.removeItem(TOKEN);
      this.dispatchEvent(new Event('over'));
      return;
    }
    this.dispatchEvent(new Event('lost'));
    setTimeout(() => this.#connect(), RETRY);
  }
}
