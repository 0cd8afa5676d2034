import { expose } from 'comlink';
import { fit } from './law.ts';

// The widget's own worker: Comlink may have it as it is.
expose({ fit });
