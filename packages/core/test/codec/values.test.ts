import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { contract, observable, query } from '../../src/index.ts';
import { openPair } from '../fixtures/open-pair.ts';
import { plainRows } from './values.ts';

const c = contract({
  name: 'test/values',
  version: '1.0.0',
  guest: {
    check: query<{ row: number; value: unknown }, boolean>(),
    make: query<number, unknown>(),
    stream: observable<number, unknown>(),
  },
});

// Node's V8 has no stack for a clone as deep as Chromium's main thread does: those rows are in e2e/values.spec.ts.
describe.each(plainRows.map((row, index) => [row.name, index, row] as const))('%s', (_name, index, row) => {
  const open = () =>
    openPair(c, {
      host: {},
      guest: {
        check: ({ row: at, value }) => plainRows[at]?.check(value) ?? false,
        make: (at) => plainRows[at]?.make(),
        stream: (at) => [plainRows[at]?.make()],
      },
    });

  it('arrives as input, result, stream value and context', async () => {
    const { host, guest } = open();
    expect(await host.client.check({ row: index, value: row.make() }), 'as input').toBe(true);
    expect(await row.check(await host.client.make(index)), 'as result').toBe(true);
    expect(await row.check(await firstValueFrom(host.client.stream(index))), 'as stream value').toBe(true);
    host.setContext(row.make());
    await host.client.make(-1);
    expect(await row.check(guest.contexts.at(-1)), 'as context').toBe(true);
  }, 30_000);
});
