/** One who does not read, in a room where others talk a lot. */
import { nursery } from 'greenlets';
import { Talker } from './talker.ts';

/** Others in the room, and what each says, as fast as it can. */
const OTHERS = 20;
const MESSAGES = 45;
/** As long as a message may be: 6 KB on the wire. */
const TEXT = '龜'.repeat(2000);

export interface SlowReaderFigures {
  said: number;
  /** How long the others needed to hear everything while one did not read, in ms. */
  othersTook: number;
  /** How many events the server has skipped for the slow one. */
  skipped: number;
  /** How many messages the slow one has not got in the end, by reading on and asking for what was skipped. */
  lost: number;
  doubled: number;
}

export function runSlowReader(url: string): SlowReaderFigures {
  const said = OTHERS * MESSAGES;
  const slow = new Talker(url, 'tortoise', 'slow');
  const others = Array.from({ length: OTHERS }, (_, i) => new Talker(url, `hare-${i}`, 'slow'));
  const begun = performance.now();
  nursery((group) => {
    for (const other of others) {
      group.spawn(() => other.listen(said));
      group.spawn(() => {
        for (let i = 0; i < MESSAGES; i++) other.say(TEXT);
      });
    }
  });
  const othersTook = performance.now() - begun;
  slow.listen(said);
  for (const talker of [slow, ...others]) talker.leave();
  const { skipped, doubled, heard } = slow;
  return { said, othersTook, skipped, doubled, lost: said - heard.size };
}
