/**
 * What goes over the WebSocket. The client begins with a `Join`; then it sends its controls, and the server a snapshot
 * for every tick, both in binary. Names and news, which are rare, are JSON.
 */

/** What a pilot does with the ship. */
export interface Controls {
  /** Where to, as a vector no longer than 1. */
  moveX: number;
  moveY: number;
  /** Where the gun points, in radians. */
  aim: number;
  fire: boolean;
  dash: boolean;
}

export interface Join {
  name: string;
  /** From an earlier `Welcome`: gives the same ship and score back. */
  token?: string;
}

export interface Welcome {
  type: 'welcome';
  /** The player's ship. */
  id: number;
  token: string;
  /** Length of a side of the arena. */
  size: number;
  rocks: RockView[];
}

export interface RockView {
  x: number;
  y: number;
  radius: number;
}

/** What goes with a ship that the client has not seen before. Hues go from 0 to 255. */
export interface Introduction {
  id: number;
  name: string;
  hue: number;
  isBot: boolean;
}

/** Somebody was shot down. */
export interface KillNews {
  killer: string;
  killerId: number;
  victim: string;
  victimId: number;
  /** Where, and in which colour it burst. */
  x: number;
  y: number;
  hue: number;
}

/** Once a second. */
export interface Board {
  players: number;
  bots: number;
  top: { id: number; name: string; hue: number; score: number; kills: number }[];
  ticks: TickSummary;
}

/** How long the server works on a tick, in ms. */
export interface TickSummary {
  /** Ticks by their time: one count for each of `limits`, and one for what is beyond the last. */
  counts: number[];
  limits: number[];
  median: number;
  p99: number;
  max: number;
}

export interface News {
  type: 'news';
  ships?: Introduction[];
  kills?: KillNews[];
  board?: Board;
}

export interface ShipView {
  id: number;
  x: number;
  y: number;
  aim: number;
  health: number;
  shielded: boolean;
}
export interface ShotView {
  id: number;
  x: number;
  y: number;
  hue: number;
}
export interface GemView {
  x: number;
  y: number;
  value: number;
}

/** What one player sees after a tick. */
export interface Snapshot {
  tick: number;
  /** The player's own. */
  score: number;
  rank: number;
  ships: ShipView[];
  shots: ShotView[];
  gems: GemView[];
}

/** The close code for a client whose token has come over another connection. */
export const REPLACED = 4001;
/** The close code for a client that does not speak this protocol. */
export const REFUSED = 4002;
