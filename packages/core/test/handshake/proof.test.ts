import { describe, expect, it } from 'vitest';
import { Proof } from '../../src/handshake/proof.ts';

function open() {
  let now = 0;
  const asked: string[] = [];
  const proof = new Proof(
    { now: () => now, after: () => () => undefined },
    () => `word ${asked.length}`,
    (nonce) => asked.push(nonce),
  );
  return {
    proof,
    asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the proof that a document is there', () => {
  it('is asked for once a second while messages come, and what comes 250 ms later waits for it', () => {
    const { proof, asked, pass } = open();
    proof.given();
    pass(999);
    expect([proof.heard(), asked]).toEqual([true, []]);
    pass(1);
    expect([proof.heard(), asked]).toEqual([true, ['word 0']]);
    pass(249);
    expect(proof.heard()).toBe(true);
    pass(1);
    expect(proof.heard()).toBe(false);
    expect([proof.isAsked('word 1'), proof.isAsked('word 0')]).toEqual([false, true]);
    proof.given();
    expect([proof.heard(), proof.isAsked('word 0')]).toEqual([true, false]);
  });

  it('is not asked for while the page is frozen, and has its whole time again', () => {
    const { proof, asked, pass } = open();
    proof.ask();
    proof.freeze(true);
    proof.ask();
    expect(asked).toEqual(['word 0']);
    pass(60_000);
    proof.freeze(false);
    expect(proof.heard()).toBe(true);
    pass(250);
    expect(proof.heard()).toBe(false);
  });
});
