/** What has been said, as far as this browser knows: rooms, and private conversations, which all come through one inbox. */
import { randomId } from './random.js';

export const INBOX = '@';

/** The messages of a room as the server numbers them: which are known. */
class Stream {
  #ids = new Set();
  first = Number.POSITIVE_INFINITY;
  /** Up to here none is missing. */
  last = undefined;
  /** Whether there are older ones. */
  more = false;

  /** False if it is known already. */
  add(id) {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    this.first = Math.min(this.first, id);
    this.last ??= id;
    while (this.#ids.has(this.last + 1)) this.last++;
    return true;
  }
}

export class Conversation {
  /** In order; those that the server has not confirmed have no id, and come last. */
  messages = [];
  people = new Set();
  /** Who is typing, and until when that is believed. */
  typing = new Map();
  unread = 0;

  /** @param key the name of a room, or `@name`. */
  constructor(key, stream) {
    this.key = key;
    this.stream = stream;
  }

  get isPrivate() {
    return this.key.startsWith(INBOX);
  }

  get title() {
    return this.isPrivate ? this.key.slice(1) : this.key;
  }

  /** Puts a message in its place; it takes the place of the one that waited to be confirmed. */
  add(message) {
    this.messages = this.messages.filter(({ ref }) => ref !== message.ref);
    const after = this.messages.findLastIndex(({ id }) => id !== undefined && id < message.id);
    this.messages.splice(after + 1, 0, message);
    this.typing.delete(message.from);
  }

  /** Adds a row which tells of something that happened here. */
  note(text) {
    const id = this.stream.last === undefined ? 0 : this.stream.last + 0.5;
    this.messages.push({ id, note: text, at: Date.now(), ref: randomId() });
  }
}

export class Conversations {
  #all = new Map();
  #streams = new Map();

  /** The one of this key; made if need be. */
  at(key) {
    let conversation = this.#all.get(key);
    if (conversation === undefined) {
      conversation = new Conversation(key, this.stream(key.startsWith(INBOX) ? INBOX : key));
      this.#all.set(key, conversation);
    }
    return conversation;
  }

  stream(room) {
    if (!this.#streams.has(room)) this.#streams.set(room, new Stream());
    return this.#streams.get(room);
  }

  /** Files what the server tells under the conversation it belongs to; null for what is known already. */
  file(room, message, me) {
    if (!this.stream(room).add(message.id)) return null;
    const conversation = this.at(room === INBOX ? INBOX + (message.from === me ? message.to : message.from) : room);
    conversation.add(message);
    return conversation;
  }

  forget(key) {
    this.#all.delete(key);
    if (!key.startsWith(INBOX)) this.#streams.delete(key);
  }

  get private() {
    return [...this.#all.values()].filter(({ isPrivate }) => isPrivate);
  }
  get unread() {
    return [...this.#all.values()].reduce((sum, { unread }) => sum + unread, 0);
  }
}
