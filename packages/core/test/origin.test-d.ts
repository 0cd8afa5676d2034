import { expectTypeOf, test } from 'vitest';
import type { ErrorCode } from '../src/errors.ts';
import { explainOrigin, isOrigin, isSameOrigin, type Origin, type OriginOptions, parseOrigin } from '../src/origin.ts';

declare const text: string;
declare const anything: unknown;
declare const origin: Origin;

test('a plain string is not an Origin, not even a well-formed one', () => {
  expectTypeOf<string>().not.toExtend<Origin>();
  // @ts-expect-error -- text enters through parseOrigin or isOrigin
  const unchecked: Origin = text;
  // @ts-expect-error -- a literal too
  const literal: Origin = 'https://app.example';
  void [unchecked, literal];
});

test('an Origin is a string wherever a string will do', () => {
  expectTypeOf<Origin>().toExtend<string>();
  expectTypeOf(origin.length).toEqualTypeOf<number>();
});

test('the brand does not survive what makes another text of it', () => {
  expectTypeOf(origin.toLowerCase()).toEqualTypeOf<string>();
  // @ts-expect-error -- checked text with something after it is unchecked text
  const longer: Origin = `${origin}/`;
  void longer;
});

test('parseOrigin takes text and gives an Origin', () => {
  expectTypeOf(parseOrigin).parameter(0).toEqualTypeOf<string>();
  expectTypeOf(parseOrigin).parameter(1).toEqualTypeOf<OriginOptions | undefined>();
  expectTypeOf(parseOrigin(text)).toEqualTypeOf<Origin>();
  expectTypeOf(parseOrigin(text, { allowInsecure: true })).toEqualTypeOf<Origin>();
  // @ts-expect-error -- only a boolean
  void parseOrigin(text, { allowInsecure: 'true' });
  // @ts-expect-error -- a misspelt permission is an error
  void parseOrigin(text, { allowInsecur: true });
  // @ts-expect-error -- the second argument of map is an index
  void [text].map(parseOrigin);
});

test('isOrigin narrows what it is asked about', () => {
  if (isOrigin(anything)) expectTypeOf(anything).toEqualTypeOf<Origin>();
  else expectTypeOf(anything).toEqualTypeOf<unknown>();
  if (isOrigin(text)) expectTypeOf(text).toEqualTypeOf<Origin>();
  else expectTypeOf(text).toEqualTypeOf<string>();
  expectTypeOf([text].filter(isOrigin)).toEqualTypeOf<Origin[]>();
});

test('isSameOrigin asks whether text from outside is a checked origin', () => {
  expectTypeOf(isSameOrigin(origin, text)).toEqualTypeOf<boolean>();
  // @ts-expect-error -- two unchecked texts: '' equals '', and 'null' equals 'null'
  void isSameOrigin(text, text);
});

test('explainOrigin answers with a sentence or nothing, not with a code', () => {
  expectTypeOf(explainOrigin(anything)).toEqualTypeOf<string | undefined>();
  expectTypeOf(explainOrigin(text)).not.toExtend<ErrorCode | undefined>();
});
