// Plays a session in a page of this name, in a process of its own: a test runner would not survive what is done to its globals.
import { inspect } from 'node:util';
import { oldPages } from './pages.ts';

const [name = '', when] = process.argv.slice(2);
const page = oldPages[name];
if (page === undefined) throw new Error(`there is no page ${name}`);

// A library can come before Muntin is loaded, or after it.
const early = when === 'before' ? page() : undefined;
const { playSession } = await import('./story.ts');
const undo = early ?? page();
const seen = [await playSession(false), await playSession(true)];
undo();
// A call that nobody waits for any more would keep the process for a minute.
process.stdout.write(inspect(seen, { depth: null, maxArrayLength: null }), () => process.exit());
