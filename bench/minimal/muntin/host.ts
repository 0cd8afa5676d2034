import { mount } from '@muntin/host';
import { sums } from './contract.ts';

const { guest } = mount(sums, { url: 'https://guest.example', into: document.body, title: 'Sums' });
console.log(await guest.add({ a: 1, b: 2 }));
