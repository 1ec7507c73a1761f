import type { Group } from 'greenlets';
import { Ship } from '../world/ship.ts';
import type { World } from '../world/world.ts';
import { fly } from './fly.ts';
import { Pilot } from './pilot.ts';
import { SCRIPTS, type Script } from './scripts.ts';

const NAMES = [
  'Altair',
  'Bellatrix',
  'Capella',
  'Deneb',
  'Electra',
  'Fomalhaut',
  'Gacrux',
  'Hadar',
  'Izar',
  'Jabbah',
  'Kochab',
  'Lesath',
  'Mirfak',
  'Naos',
  'Okab',
  'Procyon',
  'Rigel',
  'Sirius',
  'Tarazed',
  'Unukalhai',
  'Vega',
  'Wezen',
  'Zaurak',
];

/** Starts so many bots in `group`, each in a greenlet of its own. */
export function startBots(world: World, count: number, group: Group): void {
  for (let i = 0; i < count; i++) {
    const name = NAMES[i % NAMES.length] as string;
    const round = Math.floor(i / NAMES.length);
    startBot(
      world,
      new Ship(round === 0 ? name : `${name} ${round + 1}`, true),
      SCRIPTS[i % SCRIPTS.length] as Script,
      group,
    );
  }
}

export function startBot(world: World, ship: Ship, script: Script, group: Group): void {
  const pilot = new Pilot(world, ship);
  group.spawn({ name: `bot ${ship.name}` }, fly, world, ship, () => script(pilot));
}
