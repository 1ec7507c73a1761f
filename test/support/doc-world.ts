/** What the examples in doc comments take for granted. */
import { EventEmitter } from 'node:events';
import { Queue, sleep } from 'greenlets';
import { Event } from 'greenlets/event';
import { HttpServer } from 'greenlets/http';
import { Condition, Lock, RWLock } from 'greenlets/lock';
import { WebSocketServer } from 'greenlets/websocket';

export { default as assert } from 'node:assert/strict';
export { default as crypto } from 'node:crypto';
export { default as fs } from 'node:fs';

export const server = new HttpServer({
  host: '127.0.0.1',
  port: 0,
  handle: () => ({ headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' }),
});
const echo = new WebSocketServer({
  server,
  handle(socket) {
    for (const message of socket) socket.send(message);
  },
});
/** Host and port of a server that answers requests and echoes messages. */
export let origin = '';
export let url = '';

/** Starts the server. */
export function startWorld(): void {
  server.start();
  echo.start();
  origin = `127.0.0.1:${(server.address as { port: number }).port}`;
  url = `http://${origin}/`;
}
/** Stops it at once. */
export function stopWorld(): void {
  echo.stop(0);
  server.stop(0);
}

export const urls: string[] = ['a', 'b', 'c'];
export function download(page: string): string {
  sleep(1);
  return page;
}
export function serve(connection: Disposable): void {
  connection[Symbol.dispose]();
}

export interface User {
  name: string;
}
export const id = 1;
export const loadUser = (_: number): User => ({ name: 'Ann' });
export const loadPosts = (_: number): string[] => [];

type Handler = (request: unknown, response: { send(text: string): void }) => Promise<unknown>;
export const app = { get: (_: string, handler: Handler): void => void handler({}, { send: () => {} }) };
export const db = { query: (sql: string): string => sql };
export const render = String;
export const pg = {
  Client: class {
    query = async (_: string): Promise<{ rows: unknown[] }> => ({ rows: [] });
  },
};

export const password = 'secret';
export const salt = 'salt';
export const world = { advance(_: number): void {} };
export const text = 'text';
export const parser = { parse: (_: string): void => sleep(1) };
export const jobs = new Queue<string>();
export const queue = new Queue<string>();
export const stop = new Event();
setTimeout(() => stop.set(), 1).unref();
export const key = 1;
export const table = new RWLock();
export const find = (row: number): number => row;
export const insert = (row: number): number => row;
export const load = (): void => sleep(1);
export const lock = new Lock();
export const read = (): number => 1;
export const write = (_: number): void => sleep(1);
export const changed = new Condition();
export const stock = { count: 1 };
export const socket = new EventEmitter();
setInterval(() => socket.emit('message', '42'), 1).unref();

export class Account {
  balance: number;
  constructor(balance: number) {
    this.balance = balance;
  }
  deposit(amount: number): void {
    this.balance += amount;
  }
}
export const accounts: Account[] = [new Account(1), new Account(2)];
export const transfer = (account: Account): void => account.deposit(1);
export const log = { warn: (..._: unknown[]): void => {} };
export const rebuild = (_: unknown): void => {};
export const show = (_: unknown): void => {};
