// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { findPlace, placeOf } from '../../src/focus/element-place.ts';

function page(html: string): HTMLElement {
  document.body.innerHTML = html;
  const host = document.createElement('div');
  host.attachShadow({ mode: 'open' }).innerHTML = '<p></p><label><input></label>';
  document.body.append(host);
  return document.body;
}

const html = '<form id="f"><input><input><button id="b">B</button></form><p><a href="#">A</a></p>';

it('finds every element again in another document of the same form', () => {
  const elements = [...page(html).querySelectorAll('*')];
  const inShadow = document.body.lastElementChild?.shadowRoot?.querySelector('input');
  const places = [...elements, inShadow ?? document.body].map(placeOf);
  const before = [...document.querySelectorAll('body *')];
  page(html);
  expect(places.slice(0, -1).map(findPlace)).toEqual([...document.querySelectorAll('body *')]);
  expect(findPlace(places.at(-1) ?? '')).toBe(document.body.lastElementChild?.shadowRoot?.querySelector('input'));
  expect(before).not.toContain(document.querySelector('#f'));
});

it('finds nothing where something else is now, or in what is no place', () => {
  page(html);
  const place = placeOf(document.querySelectorAll('input')[1] ?? document.body);
  document.body.innerHTML = '<form id="f"><input><select></select></form>';
  const places = [place, '', '{}', '[', 'null', '["x","input"]', '["","input","^","0"]', '["f","input","-1"]'];
  expect(places.filter((one) => findPlace(one) !== undefined)).toEqual([]);
});
