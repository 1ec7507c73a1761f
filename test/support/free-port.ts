import { Listener } from 'greenlets/socket';

/** A port of loopback that nobody listens on, for a program that cannot choose one itself. */
export function freePort(): number {
  const listener = Listener.listen({ host: '127.0.0.1', port: 0 });
  const { port } = listener.address as { port: number };
  listener.close();
  return port;
}
