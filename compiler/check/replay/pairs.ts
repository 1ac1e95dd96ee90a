/**
 * A map for a handful of entries, of which an editor makes hundreds for every letter: two lists, and a
 * Map only when there are many.
 */
export interface Pairs<Key, Value> {
  readonly get: (key: Key) => Value | undefined;
  readonly set: (key: Key, value: Value) => void;
}

/** More than this are looked up in a Map. */
const aHandful = 24;

export function createPairs<Key, Value>(): Pairs<Key, Value> {
  const keys: Key[] = [];
  const values: Value[] = [];
  let map: Map<Key, Value> | null = null;
  return {
    get: (key) => {
      if (map !== null) return map.get(key);
      const index = keys.indexOf(key);
      return index < 0 ? undefined : values[index];
    },
    set: (key, value) => {
      if (map === null && keys.length < aHandful) {
        const index = keys.indexOf(key);
        if (index < 0) keys.push(key);
        values[index < 0 ? keys.length - 1 : index] = value;
        return;
      }
      map ??= new Map(keys.map((known, index) => [known, values[index]!]));
      map.set(key, value);
    },
  };
}
