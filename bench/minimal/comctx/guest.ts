import { adapterFor, provide } from './adapter.ts';

provide(adapterFor(parent, 'https://host.example'));
