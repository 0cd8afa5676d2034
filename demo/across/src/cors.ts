import * as v from 'valibot';
import { button, element } from './element.ts';
import { Pane, system } from './panes.ts';
import { prices } from './places.ts';

const Diagnosis = v.object({ ok: v.boolean(), cause: v.string(), advice: v.string() });

/** What the server answers beside its data, one line for each cause that it mends. */
const headers = {
  ORIGIN_MISSING: `Access-Control-Allow-Origin: ${location.origin}`,
  METHOD_NOT_ALLOWED: 'Access-Control-Allow-Methods: PUT',
  HEADER_NOT_ALLOWED: 'Access-Control-Allow-Headers: X-Order',
} as const;

type Mended = keyof typeof headers;

function isMended(cause: string): cause is Mended {
  return Object.hasOwn(headers, cause);
}

const callCode = `await fetch(prices, {
  method: 'PUT',
  headers: { 'X-Order': '7' },
});`;

const serverCode = `cors({
  origins: ['${location.origin}'],
  methods: ['PUT'],
  headers: ['X-Order'],
});`;

/** A call that another server does not allow, what the doctor says to it, and the headers that mend it, one after the other. */
export function corsSystem(): HTMLElement {
  const has = new Set<Mended>();
  let missing: Mended | undefined;
  const call = new Pane('cors-call', 'naive', 'A page asks another server', callCode, 'not asked yet');
  const doctor = new Pane('cors-doctor', 'safe', 'The doctor asks what the server lacks', serverCode, 'not asked yet');
  const sent = element('ul', {
    class: 'headers',
    'data-testid': 'cors-headers',
    'aria-label': 'What the server allows',
  });
  doctor.root.append(sent);

  const address = (): string => `/prices?has=${[...has].join(',')}`;
  const showHeaders = (): void => {
    const lines = has.size === 0 ? ['The server allows nothing yet.'] : [...has].map((cause) => headers[cause]);
    sent.replaceChildren(...lines.map((line) => element('li', {}, element('code', {}, line))));
  };
  const ask = async (): Promise<void> => {
    try {
      const response = await fetch(`${prices}${address()}`, { method: 'PUT', headers: { 'X-Order': '7' } });
      call.show(await response.text(), 'The server allows it, and the page reads the answer.');
    } catch (error) {
      call.show(
        'no answer',
        `All that the page is told: “${error instanceof Error ? error.message : String(error)}”`,
        true,
      );
    }
  };
  const diagnose = async (): Promise<void> => {
    try {
      const response = await fetch(`/diagnose${new URL(address(), location.href).search}`);
      const { ok, cause, advice } = v.parse(Diagnosis, await response.json());
      missing = isMended(cause) ? cause : undefined;
      mend.disabled = missing === undefined;
      doctor.show(ok ? 'OK' : cause.toLowerCase().replaceAll('_', ' '), advice);
    } catch (error) {
      doctor.show('no diagnosis', error instanceof Error ? error.message : String(error));
    }
  };
  const mend = button('cors-mend', 'Let the server send that header', 'plain', async () => {
    if (missing !== undefined) has.add(missing);
    missing = undefined;
    showHeaders();
    await Promise.all([ask(), diagnose()]);
  });
  mend.disabled = true;
  showHeaders();
  return system(
    'cors',
    'CORS',
    'A page may ask any server, but reads the answer only if that server names it. When it does not, the page is told “failed” and nothing more. The doctor sends what a browser would send, says which header is missing, and the server here sends it at once.',
    [
      button('cors-ask', 'Ask the other server', 'hostile', ask),
      button('cors-diagnose', 'Ask the doctor why', 'plain', diagnose),
      mend,
    ],
    call.root,
    doctor.root,
  );
}
