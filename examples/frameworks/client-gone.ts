import type { ServerResponse } from 'node:http';
import { type Greenlet, GreenletExit, getCurrent } from 'greenlets';

/** From now on the handler that calls this ends at its next blocking call if its client has gone, requests and all. */
export function endWhenClientGone(response: ServerResponse): void {
  const handler = getCurrent() as Greenlet<unknown>;
  response.once('close', () => {
    if (!response.writableFinished) handler.throw(new GreenletExit('the client has gone'));
  });
}
