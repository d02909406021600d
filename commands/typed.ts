/**
 * A text with `deno task` as the user types it: npm says to whatever it starts that it was `npx`
 * (`npm exec`), and then there may be no `deno` to type.
 */
export function asTyped(text: string): string {
  if (Deno.env.get("npm_command") !== "exec") return text;
  return text.replaceAll(/\bdeno task\b/g, `npx -y deno@${Deno.version.deno} task`);
}
