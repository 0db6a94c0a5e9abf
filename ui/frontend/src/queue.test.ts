import { beforeEach, describe, expect, test } from "vitest";
import { Queue } from "./queue";
import type { Request, State } from "./types";

function request(id: string, state: State, more: Partial<Request> = {}): Request {
  return { id, action: "get", state, started: "", expires: "", ...more };
}

describe("Queue", () => {
  let q: Queue;
  beforeEach(() => {
    q = new Queue();
  });

  test("nothing at first", () => {
    expect(q.current()).toBeUndefined();
    expect(q.waiting()).toBe(0);
  });

  test("shows one request and counts those behind it", () => {
    q.put(request("a", "waiting"));
    q.put(request("b", "queued"));
    q.put(request("c", "queued"));
    expect(q.current()?.id).toBe("a");
    expect(q.waiting()).toBe(2);
  });

  test("keeps the end on the screen until another one starts", () => {
    q.put(request("a", "delivered"));
    q.put(request("b", "queued"));
    q.put(request("a", "ended", { code: "timed_out" }));
    expect(q.current()).toMatchObject({ id: "a", code: "timed_out" });
    q.put(request("b", "waiting"));
    expect(q.current()?.id).toBe("b");
    expect(q.waiting()).toBe(0);
  });

  test("the end of a queued request does not replace the number on the screen", () => {
    q.put(request("a", "delivered"));
    q.put(request("b", "queued"));
    q.put(request("b", "ended", { code: "cancelled_by_page" }));
    expect(q.current()?.id).toBe("a");
    q.put(request("a", "ended", { code: "approved" }));
    expect(q.current()).toMatchObject({ id: "a", code: "approved" });
  });

  test("an end is shown even to a window that opened too late for the request", () => {
    q.put(request("a", "ended", { code: "declined" }));
    expect(q.current()?.code).toBe("declined");
  });

  test("pairings are another window's", () => {
    q.put(request("p", "waiting", { action: "pair" }));
    q.put(request("p", "ended", { action: "pair", code: "paired" }));
    expect(q.current()).toBeUndefined();
  });
});
