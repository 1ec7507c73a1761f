/** What the handlers of all four frameworks call: plain code that waits wherever it has to, here inside `map`. */
import { get } from 'greenlets/http';

/** A user, with the texts of their posts. */
export interface Profile {
  name: string;
  posts: string[];
}

/** An error whose `status` is that of the response, for every framework here. */
export class NotFound extends Error {
  readonly status = 404;
}

/** Reads a profile from another service. @throws {NotFound} if there is no such user. */
export function loadProfile(service: string, name: string): Profile {
  const user = get(`${service}/users/${encodeURIComponent(name)}`);
  if (user.status === 404) throw new NotFound(`there is no ${name}`);
  const { posts } = user.json<{ posts: number[] }>();
  return { name, posts: posts.map((id) => get(`${service}/posts/${id}`).text()) };
}
