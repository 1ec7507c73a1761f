/** `text` on one line, with its control characters as escapes: a name must not steer the terminal that shows it. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
