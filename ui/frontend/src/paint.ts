/**
 * painted resolves once what was last rendered is on the screen: the first frame that comes is drawn with it, the second
 * one comes after that.
 */
export function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
}
