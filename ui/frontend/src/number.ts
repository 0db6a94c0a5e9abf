import type { Language } from "./types";

const en = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
  "thirteen",
  "fourteen",
  "fifteen",
  "sixteen",
  "seventeen",
  "eighteen",
  "nineteen",
];
const enTens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const de = [
  "null",
  "eins",
  "zwei",
  "drei",
  "vier",
  "fünf",
  "sechs",
  "sieben",
  "acht",
  "neun",
  "zehn",
  "elf",
  "zwölf",
  "dreizehn",
  "vierzehn",
  "fünfzehn",
  "sechzehn",
  "siebzehn",
  "achtzehn",
  "neunzehn",
];
const deTens = ["", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"];

function english(n: number): string {
  const ones = n % 10;
  return n < 20 ? `${en[n]}` : `${enTens[(n - ones) / 10]}${ones ? `-${en[ones]}` : ""}`;
}

function german(n: number): string {
  const ones = n % 10;
  const tens = deTens[(n - ones) / 10];
  if (n < 20) return `${de[n]}`;
  return ones ? `${ones === 1 ? "ein" : de[ones]}und${tens}` : `${tens}`;
}

/**
 * spoken is the label of the number for a screen reader: the digits apart, then the whole. German turns the digits of
 * a number round, so whoever hears "sechsundzwanzig" first would look for a 6.
 */
export function spoken(number: string, language: Language): string {
  const whole = (language === "de" ? german : english)(Number(number));
  return `${[...number].join(", ")}. ${whole.charAt(0).toUpperCase()}${whole.slice(1)}.`;
}
