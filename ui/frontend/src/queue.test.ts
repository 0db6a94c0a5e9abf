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

  const pairing = (state: State, more: Partial<Request> = {}) => request("p", state, { action: "pair", ...more });

  test("a pairing whose code is on another screen is not here", () => {
    q.put(pairing("waiting"));
    q.put(pairing("ended", { code: "pairing_expired" }));
    expect(q.current()).toBeUndefined();
  });

  test("a pairing's number is, and so is its end then", () => {
    q.put(pairing("delivered"));
    expect(q.current()?.state).toBe("delivered");
    q.put(pairing("answering"));
    q.put(pairing("ended", { code: "paired" }));
    expect(q.current()?.code).toBe("paired");
  });

  test("a sign-in goes before a pairing", () => {
    q.put(pairing("delivered"));
    q.put(request("a", "waiting"));
    expect(q.current()?.id).toBe("a");
    q.put(request("a", "ended", { code: "approved" }));
    expect(q.current()?.id).toBe("p");
  });
});
