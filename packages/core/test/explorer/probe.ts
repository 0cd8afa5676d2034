import { guestTable, hostTable } from '../../src/handshake/machine.ts';
import { explore } from './explore.ts';
import { overtaking } from './model.ts';
export function main(args: string[]) {
  const [depth, overt, ...b] = args.map(Number);
  overtaking.isOn = overt === 1;
  const [navigations=0,hellos=0,drops=0,duplicates=0,attacks=0,acts=0,timeouts=0]=b;
  const c0 = process.cpuUsage();
  const r = explore({ tables: { host: hostTable, guest: guestTable }, budgets: {navigations,hellos,drops,duplicates,attacks,acts,timeouts}, depth: depth! , maxWorlds: 3e6});
  console.log(r, (process.cpuUsage(c0).user/1e6).toFixed(1), 's');
}
