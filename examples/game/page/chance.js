/** Numbers from 0 to 1 that look like chance, and are the same for the same seed. */
export function random(seed) {
  let state = Math.round(seed) | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), state | 61);
    state ^= state << 13;
    state ^= state >>> 17;
    return (state >>> 0) / 2 ** 32;
  };
}
