import { ThreadWindow } from '@quilted/threads';

const exported = { add: async (a: number, b: number) => a + b };
export type Exported = typeof exported;

ThreadWindow.export(parent, exported, { targetOrigin: 'https://host.example' });
