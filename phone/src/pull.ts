const distance = 80; // CSS pixels

/**
 * Calls pulled when a finger pulled the page down from its top. An app on an iPhone's home screen has no such gesture of its
 * own; where a browser has one, it loads the page anew all the same.
 */
export function followPull(pulled: () => void): void {
  let from: Touch | undefined;
  const begin = ({ touches }: TouchEvent) => {
    from = scrollY <= 0 && touches.length === 1 ? touches[0] : undefined;
  };
  const end = ({ changedTouches: [to] }: TouchEvent) => {
    const down = from && to?.identifier === from.identifier ? to.clientY - from.clientY : 0;
    const aside = from && to ? Math.abs(to.clientX - from.clientX) : 0;
    from = undefined;
    if (down > distance && down > aside) pulled();
  };
  addEventListener("touchstart", begin, { passive: true });
  addEventListener("touchend", end, { passive: true });
  addEventListener("touchcancel", begin, { passive: true });
}
