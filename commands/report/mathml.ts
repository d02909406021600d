const ELEMENTS = [
  ...["math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms"],
  ...["mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover"],
  ...["mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"],
].join("|");

/** Plain attributes of layout; nothing that leads anywhere or runs. */
const ATTRIBUTES = '(?: (?:display|mathvariant|stretchy|columnalign|width)="[a-z0-9. ]*")*';

const MATHML = new RegExp(
  `^<math${ATTRIBUTES}>(?:</?(?:${ELEMENTS})${ATTRIBUTES}/?>|[^<>&]|&(?:[a-z]+|#[0-9]+|#x[0-9a-f]+);)*</math>$`,
  "i",
);

/** Whether a text is one `<math>` element of MathML Core's presentation elements, and no more. */
export function isMathMl(text: string): boolean {
  return MATHML.test(text);
}
