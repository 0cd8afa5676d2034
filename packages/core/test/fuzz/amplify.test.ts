import { expect, it } from 'vitest';
import { makeBatch, read, Victim } from './amplify.ts';
import { Random } from './random.ts';

it.each(['host', 'guest'] as const)(
  'no batch makes a %s say more than it was told',
  { timeout: 120_000 },
  async (side) => {
    let count = 0;
    for (let round = 0; count < 30; round++) {
      const random = new Random(20_261_126, round);
      const victim = new Victim(side, random.once(4));
      await victim.warm();
      const made = makeBatch(random, victim);
      if (made === undefined || made.bytes.length > 300_000) {
        victim.close();
        continue;
      }
      count++;
      const before = victim.session.stats.sent;
      victim.session.receive(read(made.bytes));
      await victim.rest();
      const said = victim.session.stats.sent - before;
      // An answer for each message, a release for each attachment: the smallest of either takes ten bytes.
      expect({ name: made.name, isTooMuch: said > made.bytes.length / 10 }).toEqual({
        name: made.name,
        isTooMuch: false,
      });
      expect({ name: made.name, kept: victim.session.references }).toEqual({ name: made.name, kept: 0 });
      victim.close();
    }
  },
);
