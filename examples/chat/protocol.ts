/** What goes over a client's WebSocket: JSON objects, requests one way and events the other. */
import { z } from 'zod';

/** Longest text of a message, in characters. */
const LONGEST_TEXT = 2000;
/** Bytes of a request; more closes the connection. */
export const LARGEST_REQUEST = 16 * 1024;
/** What a client calls the room in which it gets its private messages. */
export const INBOX = '@';

/** Letters and digits of any script, and a few signs in between. */
const WORD = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u;

const name = z.string().max(24, 'a name has 24 letters at most').regex(WORD, 'a name is a word');
const publicRoom = z.string().max(32, 'the name of a room has 32 letters at most').regex(WORD, 'a room is a word');
const room = z.union([z.literal(INBOX), publicRoom]);
const person = z
  .string()
  .max(25)
  .refine((to) => to.startsWith(INBOX) && WORD.test(to.slice(INBOX.length)));
const addressee = z.union([publicRoom, person]);
const text = z.string().trim().min(1, 'say something').max(LONGEST_TEXT, `${LONGEST_TEXT} letters at most, please`);
const id = z.int().min(0);

/** What a client asks for. */
const Request = z.discriminatedUnion('type', [
  /**
   * Comes first. Whoever has the key is the same person, in another window or after a loss of the connection; `after` is
   * the last private message seen.
   */
  z.object({ type: z.literal('hello'), name, key: z.string().min(16).max(100), after: id.optional() }),
  /** After a loss of the connection, `after` is the last message seen. */
  z.object({ type: z.literal('join'), room: publicRoom, after: id.optional() }),
  z.object({ type: z.literal('leave'), room: publicRoom }),
  /** Up to a page of messages: those before one, or those after one. */
  z.object({ type: z.literal('history'), room, before: id.optional(), after: id.optional() }),
  /** `ref` is chosen by the client: what it sends twice under one, because it heard no answer, is said once. */
  z.object({ type: z.literal('say'), to: addressee, text, ref: z.string().min(8).max(64) }),
  z.object({ type: z.literal('typing'), to: addressee }),
]);
export type Request = z.infer<typeof Request>;

/** What was said, as everyone in the room gets it. */
export interface Message {
  /** Its place in the room: 1, 2, 3 … */
  id: number;
  from: string;
  /** Whom it was said to in private. */
  to: string | null;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  ref: string;
}

/** What is still to get its place. */
export type Draft = Omit<Message, 'id'>;

/** What a client is told. */
export type Event =
  | { type: 'welcome'; name: string; rooms: RoomInfo[] }
  | { type: 'joined'; room: string; people: string[] }
  /** In order. `more`: there are further ones, in the direction that was asked for. */
  | { type: 'history'; room: string; messages: Message[]; more: boolean }
  | { type: 'message'; room: string; message: Message }
  | { type: 'people'; room: string; joined: string[]; left: string[] }
  | { type: 'typing'; room: string; name: string }
  /** The client was too slow for so many events. It may ask for the history after what it has seen. */
  | { type: 'skipped'; count: number }
  /** A request was refused; the one with this `ref`, if it has one. */
  | { type: 'error'; text: string; ref: string | null };

export interface RoomInfo {
  name: string;
  people: number;
}

/** A request that is not granted, for a reason that the client is told. */
export class Refusal extends Error {}

/** @throws {Refusal} for anything that is no request. */
export function parseRequest(data: string | Buffer): Request {
  const { success, data: request, error } = Request.safeParse(parseJson(data));
  if (success) return request;
  throw new Refusal(error.issues[0]?.message ?? 'that is no request');
}

function parseJson(data: string | Buffer): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    throw new Refusal('that is no JSON');
  }
}
