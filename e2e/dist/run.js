// run.ts
console.log("x");
