import { element } from './element.ts';
import { followTheme } from './theme.ts';

// Says what the page above asks it to say: the visitor's buttons are there.
followTheme();
document.body.classList.add('inside');
const said = element('p', {}, location.origin);
document.body.append(said);

const [above] = location.ancestorOrigins;
addEventListener('message', ({ source, origin, data }: MessageEvent<{ readonly say?: unknown }>) => {
  if (source !== parent || origin !== above || typeof data.say !== 'string') return;
  parent.postMessage({ price: data.say }, origin);
});
