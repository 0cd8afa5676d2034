import { typeIsSettled } from '@quake-desk/contracts/type';
import { corsSystem } from './cors.ts';
import { element } from './element.ts';
import { jsonpSystem } from './jsonp.ts';
import { messages } from './messages.ts';
import { origins } from './origins.ts';
import { followTheme } from './theme.ts';

followTheme();
await typeIsSettled();
document.body.append(
  element(
    'header',
    { class: 'deck' },
    element('h1', {}, 'Across origins'),
    element(
      'p',
      {},
      'Browsers keep pages of different origins apart. There are a few ways across, and each has a mistake that everybody makes once. Here they are made in front of you; beside each stands the same thing done safely.',
    ),
  ),
  element('main', {}, origins(), messages(), corsSystem(), jsonpSystem()),
);
