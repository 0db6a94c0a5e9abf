// Line drawings on a 20 px grid, one path each; see look.md. Heavy strokes are for dots, dashes for the waiting ring.

/** One icon: the path, what of it is heavy, and the dashes of its line. */
export interface Drawing {
  d: string;
  heavy?: string;
  dash?: string;
}

const ring = "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0";

export const icons = {
  approved: { d: `${ring}M6.6 10.3l2.4 2.4 4.5-5` },
  declined: { d: `${ring}M7.3 7.3l5.4 5.4M12.7 7.3l-5.4 5.4` },
  timed_out: { d: `${ring}M10 5.8V10l2.8 1.8` },
  problem: { d: "M10 2.8l7.6 13.4H2.4zM10 8v3.6M10 13.9v.01" },
  wrong_number: {
    d: "M5.5 2.5h9a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-9a3 3 0 0 1-3-3v-9a3 3 0 0 1 3-3zM6.5 8.2h7M6.5 11.8h7M11.8 5.6l-3.6 8.8",
  },
  waiting: { d: "M2.8 10a7.2 7.2 0 1 0 14.4 0a7.2 7.2 0 1 0-14.4 0", dash: "3.2 2.45" },
  delivered: {
    d: "M5 2h5a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zM6.5 15.2h2M14 9.5l1.6 1.7 2.9-3.4",
  },
  answering: {
    d: "M5 2h10a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2z",
    heavy: "M6.4 10h.01M10 10h.01M13.6 10h.01",
  },
  desktop: {
    d: "M3.5 3.5h13a1.5 1.5 0 0 1 1.5 1.5v7.5a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 2 12.5V5a1.5 1.5 0 0 1 1.5-1.5zM7 17h6M10 14v3",
  },
  flag: { d: "M4.5 17.5V3M4.5 3.5h10l-2 3.5 2 3.5h-10" },
  user: { d: "M6.7 6.8a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0-6.6 0M3.5 17c.7-3.2 3.3-5 6.5-5s5.8 1.8 6.5 5" },
  key: { d: "M2 10a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0-7.6 0M9.6 10h8.4v3.6M14 10v3" },
  refresh: { d: "M16.5 10a6.5 6.5 0 1 1-2-4.7M16.5 2.5v3.7h-3.7" },
  right: { d: "M8 5l5 5-5 5" },
  back: { d: "M12 5l-5 5 5 5" },
  plus: { d: "M10 4v12M4 10h12" },
  lock: {
    d: "M6 9h8a2 2 0 0 1 2 2v4.5a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V11a2 2 0 0 1 2-2zM6.8 9V6.2a3.2 3.2 0 0 1 6.4 0V9",
  },
  net: { d: "M2.5 8a11 11 0 0 1 15 0M5.2 11a7.2 7.2 0 0 1 9.6 0M7.8 13.9a3.4 3.4 0 0 1 4.4 0M10 16.6v.01" },
} satisfies Record<string, Drawing>;

/** The name of one of icons. */
export type IconName = keyof typeof icons;

/** The icon of a state of the look. */
export function stateIcon(state: string): IconName {
  return state in icons ? (state as IconName) : "problem";
}
