/** A time limit that counts what the daemon takes, and not what the machine does. */

/** One step, in milliseconds. */
export const STEP = 20;

/** Whatever the machine does, the limit has passed after this many times of itself. */
export const AT_MOST = 10;

/**
 * Runs spent after this many milliseconds, unless the returned function is called before. They are counted in steps: when
 * a machine wakes up or is busy, a step takes longer and so does the answer that is waited for; a stall must not look
 * like silence. Nor is it silence while words come, of which words tells the number: many pages ask at once.
 */
export function budget(milliseconds: number, spent: () => void, words: () => number = () => 0): () => void {
  const latest = performance.now() + milliseconds * AT_MOST;
  let left = milliseconds;
  let heard = words();
  const step = () => {
    left = words() === heard ? left - STEP : milliseconds;
    heard = words();
    if (left <= 0 || performance.now() >= latest) spent();
    else timer = setTimeout(step, STEP);
  };
  let timer = setTimeout(step, STEP);
  return () => clearTimeout(timer);
}
