/** Tells from two snapshots in a row what has happened between them. */

/**
 * @param before may be null: then nothing has.
 * @returns the ships that were hit, and the points that the player has got.
 */
export function compare(before, after) {
  if (before === null || before.tick >= after.tick) return { hits: [], points: 0 };
  const health = new Map(before.ships.map((ship) => [ship.id, ship.health]));
  const hits = after.ships.filter((ship) => ship.health < (health.get(ship.id) ?? 0));
  return { hits, points: Math.max(0, after.score - before.score) };
}
