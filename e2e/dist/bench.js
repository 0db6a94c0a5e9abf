// bench.ts
console.log("x");
