/** Whether a text from outside (a commit, an ETag, a file's name) is safe as the name of a file. */
export function isFileName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(text);
}
