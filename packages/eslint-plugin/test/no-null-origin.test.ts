import { noNullOrigin } from '../src/rules/no-null-origin.ts';
import { fails, tester } from './tester.ts';

const handler = (body: string): string => `addEventListener('message', (event) => { ${body} })`;

tester.run('no-null-origin', noNullOrigin, {
  valid: [
    handler("if (event.origin === 'null') return; use(event.data)"),
    handler("if (event.origin === 'null') { log('refused'); return } use(event.data)"),
    handler("if (event.origin === 'null') throw new Error('opaque'); use(event.data)"),
    handler("if (event.origin !== 'null') { use(event.data) }"),
    handler("if (event.origin !== 'null' && event.origin === pin) use(event.data)"),
    handler("if (!(event.origin === 'null')) use(event.data)"),
    "const mode = 'null'; if (value === mode) use(value)",
    "if (text === 'null') parse(text)",
    "if (location.origin === 'null') warn('this page is sandboxed')",
    "const allowed = ['https://a.example']; if (allowed.includes(event.origin)) use(event.data)",
    "const words = ['null', 'undefined']; if (words.includes(text)) skip(text)",
    "response.setHeader('Access-Control-Allow-Origin', 'https://a.example')",
    "response.setHeader('X-Thing', 'null')",
    "cors({ origins: ['https://a.example'] })",
    "expose(contract, { hosts: ['https://shell.example'] })",
    "switch (event.origin) { case 'https://a.example': use(event.data) }",
    "switch (event.origin) { case 'null': return_(); break; default: use(event.data) }".replace(
      "case 'null': return_(); break;",
      "case 'https://b.example': break;",
    ),
    "const row = { type: 'null' }",
  ],
  invalid: [
    ...fails(
      'accepted',
      handler("if (event.origin === 'null') use(event.data)"),
      handler("if (event.origin === pin || event.origin === 'null') use(event.data)"),
      handler("if (event.origin == 'null' && event.source === frame) { use(event.data) }"),
      handler("if ('null' === event.origin) { use(event.data) }"),
      handler("if (event.origin !== 'null') return; use(event.data)"),
      handler("if (event.origin !== pin && event.origin !== 'null') return; use(event.data)"),
      handler("if (!(event.origin === 'null')) return; use(event.data)"),
      handler("const { origin } = event; if (origin === 'null') use(event.data)"),
      handler("const isOurs = event.origin === pin || event.origin === 'null'; if (isOurs) use(event.data)"),
      "const isAllowed = (origin) => origin === 'null' || allowed.has(origin)",
      "function isAllowed(origin) { return origin === 'null' || allowed.has(origin) }",
      "if (req.headers.origin === 'null') allow()",
      "const NONE = 'null'; if (event.origin === NONE) use(event.data)",
      "const reply = event.origin === 'null' ? '*' : event.origin",
      "switch (event.origin) { case 'null': use(event.data) }",
    ),
    ...fails(
      'listed',
      "if (['https://a.example', 'null'].includes(event.origin)) use(event.data)",
      "const allowed = ['null', 'file://']; if (allowed.indexOf(event.origin) >= 0) use(event.data)",
      "const allowed = new Set(['https://a.example', 'null']); if (allowed.has(event.origin)) use(event.data)",
      "cors({ origin: ['https://a.example', 'null'] })",
      "expose(contract, { hosts: ['null'], handlers })",
      "const allowedOrigins = ['null']; serve({ allowedOrigins: allowedOrigins })",
    ),
    ...fails(
      'header',
      "response.setHeader('Access-Control-Allow-Origin', 'null')",
      "headers.set('access-control-allow-origin', 'null')",
      "res.header('Access-Control-Allow-Origin', 'null')",
      "new Response(body, { headers: { 'Access-Control-Allow-Origin': 'null' } })",
    ),
  ],
});
