/**
 * A path from the page as an address: what a file's or stage's name holds is escaped. A JSON pointer
 * behind `#` stays what it is.
 */
export function address(path: string): string {
  const [file, pointer] = path.split("#");
  const escaped = file.split("/").map(encodeURIComponent).join("/");
  return pointer === undefined ? escaped : `${escaped}#${pointer}`;
}
