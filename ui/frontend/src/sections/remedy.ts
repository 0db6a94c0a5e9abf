/**
 * commandIn is the command that a remedy of the doctor ends with or is, so that it can be copied: "Install one: sudo apt
 * install dunst", or only "tallykey browsers install". Empty where there is none.
 */
export function commandIn(remedy: string): string {
  const after = /: ((?:sudo |tallykey |systemctl |flatpak |snap ).*?)\.?$/.exec(remedy)?.[1] ?? remedy;
  return /^(?:sudo|tallykey|systemctl|flatpak|snap) \S/.test(after) ? after.trim() : "";
}
