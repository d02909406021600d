/** A part of a pattern: where it may end, given where it may begin (1 at each such place of the path). */
type Step = (path: string, from: Uint8Array) => Uint8Array;

/** Longest pattern that is read as one, letters. */
const LONGEST = 500;

/**
 * Matches paths as the patterns of a card's `data_files` do: `*` and `?` within a name, `**` over
 * folders, `[…]` and `{a,b}`; a pattern that names a folder stands for all that is in it.
 *
 * Cards are anybody's, so no pattern takes longer than its length times the path's.
 */
export function matcher(pattern: string): (path: string) => boolean {
  const plain = pattern.replace(/^\.?\//, "").replace(/\/+$/, "");
  const steps = plain.length > LONGEST ? undefined : stepsOf(plain);
  if (!steps) return (path) => path === plain;
  return (path) => {
    let places = new Uint8Array(path.length + 1);
    places[0] = 1;
    for (const step of steps) places = new Uint8Array(step(path, places));
    return places.some((there, at) => there && (at === path.length || path[at] === "/"));
  };
}

/** Undefined where a range in it is none. */
function stepsOf(plain: string): Step[] | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < plain.length; at++) {
    const letter = plain[at];
    const close = letter === "[" ? plain.indexOf("]", at + 2) : plain.indexOf("}", at);
    if (plain.startsWith("**/", at)) {
      steps.push(folders);
      at += 2;
    } else if (plain.startsWith("**", at)) {
      steps.push(anything);
      at++;
    } else if (letter === "*") steps.push(withinName);
    else if (letter === "?") steps.push(oneOf(/^[^/]$/));
    else if (letter === "[" && close > 0) {
      const inside = plain.slice(at + 1, close).replace(/[\\\]^]/g, "\\$&").replace(/^!/, "^");
      try {
        steps.push(oneOf(new RegExp(`^[${inside}]$`)));
      } catch {
        return undefined;
      }
      at = close;
    } else if (letter === "{" && close > 0) {
      steps.push(words(plain.slice(at + 1, close).split(",")));
      at = close;
    } else steps.push(words([letter]));
  }
  return steps;
}

/** `**` + `/`: nothing, or folders. */
const folders: Step = (path, from) => {
  let begun = false;
  return from.map((there, at) => {
    const after = begun && path[at - 1] === "/";
    if (there) begun = true;
    return there || after ? 1 : 0;
  });
};

const anything: Step = (_, from) => {
  let begun = 0;
  return from.map((there) => begun ||= there);
};

const withinName: Step = (path, from) => {
  let begun = 0;
  return from.map((there, at) => begun = there || (path[at - 1] === "/" ? 0 : begun));
};

const oneOf = (letter: RegExp): Step => (path, from) =>
  from.map((_, at) => at > 0 && from[at - 1] && letter.test(path[at - 1]) ? 1 : 0);

const words = (choices: readonly string[]): Step => (path, from) => {
  const to = new Uint8Array(from.length);
  from.forEach((there, at) => {
    for (const word of there ? choices : []) {
      if (path.startsWith(word, at)) to[at + word.length] = 1;
    }
  });
  return to;
};
