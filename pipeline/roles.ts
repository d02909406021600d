/**
 * Something for each role of a stage: the stages that it is read from, or their artifacts. A role that
 * takes many has a list, in the order of the config and empty where nothing is given.
 */
export type ByRole<T> = Readonly<Record<string, T | readonly T[]>>;

/** What all roles have, in their order. */
export function allOf<T>(roles: ByRole<T>): T[] {
  return Object.values(roles).flat() as T[];
}

/** The same roles with something else in each place. */
export function mapRoles<T, U>(roles: ByRole<T>, change: (value: T) => U): ByRole<U> {
  return Object.fromEntries(
    Object.entries(roles).map(([role, value]) => [
      role,
      Array.isArray(value) ? value.map(change) : change(value as T),
    ]),
  );
}
