/** A promise that the event loop fulfils at its next turn: the shortest wait that is a real one. */
export function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}
