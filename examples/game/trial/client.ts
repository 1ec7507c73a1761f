import { connectWebSocket, type WebSocket } from 'greenlets/websocket';
import { decodeSnapshot, encodeControls } from '../shared/codec.ts';
import type { Controls, Join, News, Snapshot, Welcome } from '../shared/messages.ts';

/** A player without a page. */
export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly welcome: Welcome;
  /** All that was told beside the snapshots. */
  readonly news: News[] = [];
  /** Bytes of all snapshots. */
  bytes = 0;

  /** Joins the game whose page is at `url`. */
  constructor(url: string, join: Join) {
    this.socket = connectWebSocket(new URL('/play', url.replace(/^http/, 'ws')));
    this.socket.send(JSON.stringify(join));
    this.welcome = JSON.parse(String(this.socket.recv())) as Welcome;
  }

  steer(controls: Controls): void {
    this.socket.send(encodeControls(controls));
  }

  /** Waits for the next snapshot; null when the connection is closed. */
  look(): Snapshot | null {
    for (const message of this.socket) {
      if (typeof message !== 'string') {
        this.bytes += message.length;
        return decodeSnapshot(message);
      }
      this.news.push(JSON.parse(message) as News);
    }
    return null;
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}
