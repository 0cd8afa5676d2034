import { expose } from '@muntin/guest/worker';
import { auditor } from '@quake-desk/contracts/auditor';
import { map, timer } from 'rxjs';

let told = 0;
let missing = 0;
let next: number | undefined;

const shell = expose(auditor, { handlers: { audit: () => timer(0, 500).pipe(map(() => ({ told, missing }))) } });
shell.host.arrivals({ backlog: 0 }).subscribe(({ seq }) => {
  missing += seq - (next ?? seq);
  next = seq + 1;
  told++;
});
