/** Snapshots and controls as bytes, big-endian. */
import type { Controls, Snapshot } from './messages.ts';

const CIRCLE = 2 * Math.PI;
/** Steps to a unit; 16 bits reach as far as an arena may be. */
const PRECISION = 8;
export const LARGEST_ARENA: number = Math.floor(0xffff / PRECISION);

const HEAD = 16;
const SHIP_BYTES = 11;
const SHOT_BYTES = 9;
const GEM_BYTES = 5;
const CONTROLS_BYTES = 5;
const FIRE = 1;
const DASH = 2;

export function encodeSnapshot({ tick, score, rank, ships, shots, gems }: Snapshot): Uint8Array {
  const size = HEAD + ships.length * SHIP_BYTES + shots.length * SHOT_BYTES + gems.length * GEM_BYTES;
  const bytes = new DataView(new ArrayBuffer(size));
  bytes.setUint32(0, tick);
  bytes.setUint32(4, score);
  bytes.setUint16(8, rank);
  bytes.setUint16(10, ships.length);
  bytes.setUint16(12, shots.length);
  bytes.setUint16(14, gems.length);
  let at = HEAD;
  for (const ship of ships) {
    bytes.setUint32(at, ship.id);
    setPlace(bytes, at + 4, ship);
    bytes.setUint8(at + 8, toByteAngle(ship.aim));
    bytes.setUint8(at + 9, Math.ceil(ship.health));
    bytes.setUint8(at + 10, Number(ship.shielded));
    at += SHIP_BYTES;
  }
  for (const shot of shots) {
    bytes.setUint32(at, shot.id);
    setPlace(bytes, at + 4, shot);
    bytes.setUint8(at + 8, shot.hue);
    at += SHOT_BYTES;
  }
  for (const gem of gems) {
    setPlace(bytes, at, gem);
    bytes.setUint8(at + 4, Math.min(255, gem.value));
    at += GEM_BYTES;
  }
  return new Uint8Array(bytes.buffer);
}

export function decodeSnapshot(message: Uint8Array): Snapshot {
  const bytes = viewOf(message);
  let at = HEAD;
  const take = <T>(count: number, size: number, decode: (at: number) => T): T[] => {
    const items = Array.from({ length: count }, (_, i) => decode(at + i * size));
    at += count * size;
    return items;
  };
  return {
    tick: bytes.getUint32(0),
    score: bytes.getUint32(4),
    rank: bytes.getUint16(8),
    ships: take(bytes.getUint16(10), SHIP_BYTES, (at) => ({
      id: bytes.getUint32(at),
      ...placeAt(bytes, at + 4),
      aim: (bytes.getUint8(at + 8) / 256) * CIRCLE,
      health: bytes.getUint8(at + 9),
      shielded: bytes.getUint8(at + 10) !== 0,
    })),
    shots: take(bytes.getUint16(12), SHOT_BYTES, (at) => ({
      id: bytes.getUint32(at),
      ...placeAt(bytes, at + 4),
      hue: bytes.getUint8(at + 8),
    })),
    gems: take(bytes.getUint16(14), GEM_BYTES, (at) => ({ ...placeAt(bytes, at), value: bytes.getUint8(at + 4) })),
  };
}

export function encodeControls({ moveX, moveY, aim, fire, dash }: Controls): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(CONTROLS_BYTES));
  bytes.setInt8(0, Math.round(moveX * 127));
  bytes.setInt8(1, Math.round(moveY * 127));
  bytes.setUint16(2, Math.round((aim / CIRCLE) * 0x10000) & 0xffff);
  bytes.setUint8(4, (fire ? FIRE : 0) | (dash ? DASH : 0));
  return new Uint8Array(bytes.buffer);
}

/** Null if these are no controls. Whatever the bytes are, the vector is no longer than 1. */
export function decodeControls(message: Uint8Array): Controls | null {
  if (message.length !== CONTROLS_BYTES) return null;
  const bytes = viewOf(message);
  const moveX = bytes.getInt8(0) / 127;
  const moveY = bytes.getInt8(1) / 127;
  const length = Math.max(1, Math.hypot(moveX, moveY));
  const buttons = bytes.getUint8(4);
  return {
    moveX: moveX / length,
    moveY: moveY / length,
    aim: (bytes.getUint16(2) / 0x10000) * CIRCLE,
    fire: (buttons & FIRE) !== 0,
    dash: (buttons & DASH) !== 0,
  };
}

function viewOf(message: Uint8Array): DataView {
  return new DataView(message.buffer, message.byteOffset, message.byteLength);
}

function setPlace(bytes: DataView, at: number, { x, y }: { x: number; y: number }): void {
  bytes.setUint16(at, Math.round(x * PRECISION));
  bytes.setUint16(at + 2, Math.round(y * PRECISION));
}

function placeAt(bytes: DataView, at: number): { x: number; y: number } {
  return { x: bytes.getUint16(at) / PRECISION, y: bytes.getUint16(at + 2) / PRECISION };
}

function toByteAngle(angle: number): number {
  return Math.round((angle / CIRCLE) * 256) & 0xff;
}
