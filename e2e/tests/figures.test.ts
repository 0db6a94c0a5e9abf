import { expect, test } from "vitest";
import { Figures, table } from "../lib/figures.ts";

test("quantiles are values that were measured", () => {
  const figures = new Figures([5, 1, 4, 2, 3]);
  expect([figures.quantile(0.5), figures.quantile(0.95), figures.n]).toEqual([3, 5, 5]);
  expect(new Figures([7]).quantile(0.5)).toBe(7);
  expect(new Figures([]).quantile(0.5)).toBeNaN();
});

test("an aim is missed where the median or the tail is over it", () => {
  const row = (values: number[]) => table([{ what: "x", figures: new Figures(values), aim: 2 }]);
  expect(row([1, 2, 8])).toMatch(/met$/);
  expect(row([3, 3, 3])).toMatch(/missed$/);
  expect(row([1, 1, 9])).toMatch(/missed$/);
});
