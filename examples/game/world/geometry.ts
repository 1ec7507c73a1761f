export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Circle extends Point {
  readonly radius: number;
}

export function distance(from: Point, to: Point): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  return Math.sqrt(dx * dx + dy * dy); // several times as fast as Math.hypot
}

export function angleTo(from: Point, to: Point): number {
  return Math.atan2(to.y - from.y, to.x - from.x);
}

/** The point `length` away from `from`, at `angle`. */
export function polar(from: Point, angle: number, length: number): Point {
  return { x: from.x + Math.cos(angle) * length, y: from.y + Math.sin(angle) * length };
}

export function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

export function touches(circle: Circle, point: Point, margin = 0): boolean {
  return distance(circle, point) < circle.radius + margin;
}

/** Whether the way from `from` to `to` comes closer to the circle than `margin`. */
export function crosses(circle: Circle, from: Point, to: Point, margin = 0): boolean {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const along = ((circle.x - from.x) * dx + (circle.y - from.y) * dy) / (dx * dx + dy * dy || 1);
  const share = clamp(along, 0, 1);
  return touches(circle, { x: from.x + dx * share, y: from.y + dy * share }, margin);
}
