import Postmate from 'postmate';

const child = await new Postmate({ container: document.body, url: 'https://guest.example', name: 'sums' });
console.log(await child.get('seven'));
