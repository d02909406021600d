/**
 * Matches paths as the patterns of a card's `data_files` do: `*` and `?` within a name, `**` over
 * folders, `[…]` and `{a,b}`; a pattern that names a folder stands for all that is in it.
 */
export function matcher(pattern: string): (path: string) => boolean {
  const plain = pattern.replace(/^\.?\//, "").replace(/\/+$/, "");
  let source = "";
  for (let at = 0; at < plain.length; at++) {
    const letter = plain[at];
    if (plain.startsWith("**/", at)) {
      source += "(?:.*/)?";
      at += 2;
    } else if (plain.startsWith("**", at)) {
      source += ".*";
      at++;
    } else if (letter === "*") source += "[^/]*";
    else if (letter === "?") source += "[^/]";
    else if (letter === "[" && plain.indexOf("]", at + 2) > 0) {
      const end = plain.indexOf("]", at + 2);
      const inside = plain.slice(at + 1, end).replace(/[\\\]^]/g, "\\$&").replace(/^!/, "^");
      source += `[${inside}]`;
      at = end;
    } else if (letter === "{" && plain.indexOf("}", at) > 0) {
      const end = plain.indexOf("}", at);
      source += `(?:${plain.slice(at + 1, end).split(",").map(escape).join("|")})`;
      at = end;
    } else source += escape(letter);
  }
  let whole: RegExp;
  try {
    whole = new RegExp(`^${source}(?:/.*)?$`, "u");
  } catch {
    return (path) => path === plain; // a range that is none
  }
  return (path) => whole.test(path);
}

const escape = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
