const ELEMENTS = [
  ...["math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms"],
  ...["mfrac", "msqrt", "mroot", "msub", "msup", "msubsup", "munder", "mover", "munderover"],
  ...["mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"],
].join("|");

/** Plain attributes of layout; nothing that leads anywhere or runs. */
const ATTRIBUTES = '(?: (?:display|mathvariant|stretchy|columnalign|width)="[a-z0-9. ]*")*';

/** Of the whole: its name for programs, and its words for those who do not see it. */
const OWN =
  '(?: xmlns="http://www\\.w3\\.org/1998/Math/MathML")?(?: display="block")?(?: alttext="[^"<>]*")?';

const MATHML = new RegExp(
  `^<math${OWN}>(?:</?(?:${ELEMENTS})${ATTRIBUTES}/?>|[^<>&]|&(?:[a-z]+|#[0-9]+|#x[0-9a-f]+);)*</math>$`,
  "i",
);

/** Whether a text is one `<math>` element of MathML Core's presentation elements, and no more. */
export function isMathMl(text: string): boolean {
  return MATHML.test(text);
}
