const lateMs = 500;

/**
 * Settles when the desk's type is there, or is late, or cannot be had. A page that is made only then is set once: what is set in one
 * font and then in another jumps.
 */
export async function typeIsSettled(): Promise<void> {
  const late = new Promise((done) => setTimeout(done, lateMs));
  await Promise.race([document.fonts.load('600 1em "Archivo Variable"').catch(() => undefined), late]);
}
