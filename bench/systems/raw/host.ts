import { serve } from '../../page/measure.ts';
import type { System } from '../../page/system.ts';
import { connect } from './connect.ts';

/** A MessagePort as the platform has it: one message for a call, one for its answer, one for each value. */
const raw: System = { streams: 'one message for each value', connect };

serve(raw);
