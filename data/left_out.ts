/** Endings of pictures and videos that a folder may hold and that are not read. */
const UNREAD = new Set(
  [
    // telephones, newer and older formats
    "heic heif hif avifs jxl jp2 j2k jpf jpx jpm jxr wdp",
    // JPEG and others under names that do not count
    "jfif jpe jfi apng dib",
    // raw files of cameras
    "3fr arw cr2 cr3 crw dcr dng erf kdc mos mrw nef nrw orf pef raf raw rw2 rwl sr2 srf srw x3f",
    // drawings, documents and what programs keep
    "ai eps pdf ps psb psd svg svgz xcf kra",
    // other pictures
    "cur dcm dds exr hdr icns ico pbm pcx pfm pgm pnm ppm qoi ras rgb sgi tga xbm xpm",
    // videos
    "3gp avi m4v mkv mov mp4 mpeg mpg webm wmv",
  ].flatMap((line) => line.split(" ")),
);

/** Files of a folder that are pictures and are not read: how many, by ending (`.heic`), sorted. */
export type LeftOut = Readonly<Record<string, number>>;

/**
 * The ending of a file that people may take for an image and that is not read, in lower case with
 * its point. Undefined for images that are read, and for what is beside images for a reason:
 * annotations, notes, what file managers keep.
 */
export function unreadEnding(path: string): string | undefined {
  const ending = /\.([^./\\]+)$/.exec(path)?.[1].toLowerCase();
  return ending !== undefined && UNREAD.has(ending) ? `.${ending}` : undefined;
}

/** Counts the names with such endings. */
export function countLeftOut(names: Iterable<string>): LeftOut {
  const counts = new Map<string, number>();
  for (const name of names) {
    const ending = unreadEnding(name);
    if (ending !== undefined) counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => a < b ? -1 : 1));
}

/** `6 .heic and 1 .psd`; empty where there are none. */
export function listLeftOut(leftOut: LeftOut): string {
  const items = Object.entries(leftOut).map(([ending, count]) => `${count} ${ending}`);
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** `left out 6 files that are not read as images: 6 .heic`; undefined where there are none. */
export function sayLeftOut(leftOut: LeftOut): string | undefined {
  const total = Object.values(leftOut).reduce((a, b) => a + b, 0);
  if (total === 0) return undefined;
  const what = total === 1
    ? "1 file that is not read as an image"
    : `${total} files that are not read as images`;
  return `left out ${what}: ${listLeftOut(leftOut)}`;
}

/** What to do about them. */
export const CONVERT = "Convert such files to JPEG or PNG";
