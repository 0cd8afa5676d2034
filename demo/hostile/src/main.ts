import type { AttackName } from '@quake-desk/contracts/hostile';
import { attacks } from './attacks.ts';
import { ClassicDoor } from './classic-door.ts';
import { type Door, hosts } from './door.ts';
import { MuntinDoor } from './muntin-door.ts';

// This widget does not use Muntin: its author writes every message by hand. In the naive page it speaks that page's language, which is its
// plain `postMessage`; in the desk that of docs/protocol.md. The attacks are the same.

const said = document.querySelector('#said');
const [desk, naive] = hosts;
const isInNaivePage = location.hash === '#classic';
let isSilent = false;

async function obey(name: AttackName): Promise<string> {
  say(name);
  isSilent = name === 'silent';
  let claim: string;
  try {
    claim = await attacks[name](door);
  } catch (error) {
    claim = String(error);
  }
  say(`${name}: ${claim}`);
  return claim.slice(0, 300);
}

function say(text: string): void {
  if (said !== null) said.textContent = `>_ ${text}`;
}

const questions = { attack: obey, greet: () => (isSilent ? undefined : 'Hello') };
const door: Door = isInNaivePage ? new ClassicDoor(naive, questions) : new MuntinDoor(desk, questions);
