import { hostOrigin } from '../../page/frame.ts';
import { provideCalls, provideTransfers, windowAdapter } from './service.ts';

provideCalls(windowAdapter(parent, hostOrigin));
provideTransfers(windowAdapter(parent, hostOrigin));
