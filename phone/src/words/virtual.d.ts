/** The code table in one language: code to state, title, what happened, what to do. The build makes it. */
declare module "virtual:outcomes/*" {
  const outcomes: Record<string, [state: string, title: string, what: string, remedy: string]>;
  export default outcomes;
}
