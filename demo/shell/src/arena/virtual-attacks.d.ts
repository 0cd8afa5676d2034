/** What `attacks-plugin.ts` reads from the test suite. */
declare module 'virtual:attacks' {
  const attacks: readonly {
    /** Who attacks, as in "A nested frame". */
    readonly attacker: string;
    /** What it does, after that. */
    readonly does: string;
  }[];
  export default attacks;
}
