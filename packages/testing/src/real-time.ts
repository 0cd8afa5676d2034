// Kept when this module is loaded: fake timers replace the globals later.
const { setTimeout: startTimer } = globalThis;
const quietRounds = 4;
const roundMs = 1;

/** A moment of real time, also under fake timers. */
function round(): Promise<void> {
  return new Promise((resolve) => {
    startTimer(resolve, roundMs);
  });
}

/**
 * Waits until nothing has moved for some rounds of the event loop: messages cross between two of them. False where something still moves after
 * so many rounds, as with a stream that ticks.
 */
export async function untilStill(moved: () => number, rounds: number): Promise<boolean> {
  let last = moved();
  let quiet = 0;
  for (let left = rounds; left > 0 && quiet < quietRounds; left--) {
    await round();
    quiet = moved() === last ? quiet + 1 : 0;
    last = moved();
  }
  return quiet >= quietRounds;
}

/** Waits in real time until a list is empty, and answers with what is still in it after so many rounds. */
export async function untilEmpty(list: () => readonly string[], rounds: number): Promise<readonly string[]> {
  for (let left = rounds; left > 0 && list().length > 0; left--) await round();
  return list();
}
