// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import { followPull } from "./pull";

interface Finger {
  identifier: number;
  clientX: number;
  clientY: number;
}

const at = (clientX: number, clientY: number, identifier = 1): Finger => ({ clientX, clientY, identifier });

function touch(kind: string, touches: Finger[], changedTouches: Finger[]): void {
  dispatchEvent(Object.assign(new Event(kind), { touches, changedTouches }));
}

const pulled = vi.fn();
followPull(pulled);

it.each<[string, Finger[], Finger, number, number]>([
  ["down from the top", [at(200, 100)], at(210, 220), 0, 1],
  ["down in a page that was scrolled", [at(200, 100)], at(200, 220), 40, 0],
  ["a little", [at(200, 100)], at(200, 160), 0, 0],
  ["up", [at(200, 300)], at(200, 100), 0, 0],
  ["more to the side", [at(10, 100)], at(300, 220), 0, 0],
  ["with two fingers", [at(200, 100), at(300, 100, 2)], at(200, 220), 0, 0],
  ["another finger", [at(200, 100)], at(200, 220, 2), 0, 0],
])("a finger that moves %s", (_, begins, ends, scrolled, times) => {
  pulled.mockClear();
  vi.stubGlobal("scrollY", scrolled);
  touch("touchstart", begins, begins.slice(-1));
  touch("touchend", [], [ends]);
  expect(pulled).toHaveBeenCalledTimes(times);
});

it("a touch that the browser takes for itself is none", () => {
  pulled.mockClear();
  vi.stubGlobal("scrollY", 0);
  touch("touchstart", [at(200, 100)], [at(200, 100)]);
  touch("touchcancel", [], [at(200, 220)]);
  touch("touchend", [], [at(200, 300)]);
  expect(pulled).not.toHaveBeenCalled();
});
