/**
 * A topological order of a graph whose nodes are contracted into groups one pair at a
 * time, kept up to date locally (after Pearce and Kelly, "A Dynamic Topological Sort
 * Algorithm for Directed Acyclic Graphs", 2007): only groups between the pair are looked at.
 *
 * Invariant: every group comes before all groups that read what it makes.
 */

export interface ContractedOrder {
  /**
   * What makes one group of two, given by their members; null when that would close a cycle, because
   * a path goes from one to the other through a third. To be called, if at all, before the next is asked for.
   */
  readonly contraction: (left: readonly number[], right: readonly number[]) => (() => void) | null;
}

/** What has more than this between it is far apart: all but surely a path leads from one to the other. */
const mostBetween = 256;

/** Every node a group of its own; `users` lists for each node later ones that read what it makes. */
export function contractedOrder(users: readonly (readonly number[])[]): ContractedOrder {
  /** The place of each node's group, and the members of the group at each place; null where it went. */
  const places = users.map((_, node) => node);
  const groups: (readonly number[] | null)[] = users.map((_, node) => [node]);

  /** The last search that came by each place. */
  const visited = new Int32Array(users.length);
  let searches = 0;

  /**
   * Visits the groups that lead from one place to before another, and counts them; null
   * when they reach it, or are so many that they are taken to.
   */
  function visitBetween(from: number, to: number): number | null {
    searches++;
    visited[from] = searches;
    const found = [from];
    for (let done = 0; done < found.length; done++) {
      const place = found[done]!;
      for (const member of groups[place]!) {
        for (const user of users[member]!) {
          const next = places[user]!;
          if (next === to && place !== from) return null;
          if (next >= to || visited[next] === searches) continue;
          visited[next] = searches;
          if (found.push(next) > 1 + mostBetween) return null;
        }
      }
    }
    return found.length - 1;
  }

  function put(group: readonly number[], place: number): void {
    groups[place] = group;
    for (const member of group) places[member] = place;
  }

  /** Makes the groups of two places one, after a search that found this many groups following the first. */
  function join(group: readonly number[], first: number, last: number, following: number): void {
    // The usual case, a value and its only reader: nothing between them needs to move.
    if (following === 0) {
      put(group, last);
      groups[first] = null;
      return;
    }
    // What does not follow the first goes before the new group, what does goes after it.
    const before: (readonly number[])[] = [];
    const after: (readonly number[])[] = [];
    for (let place = first + 1; place < last; place++) {
      const moved = groups[place];
      if (moved) (visited[place] === searches ? after : before).push(moved);
    }
    const sequence = [...before, group, ...after];
    for (let place = first; place <= last; place++) {
      const moved = sequence[place - first];
      if (moved === undefined) groups[place] = null;
      else put(moved, place);
    }
  }

  return {
    contraction: (left, right) => {
      const one = places[left[0]!]!;
      const other = places[right[0]!]!;
      const first = Math.min(one, other);
      const last = Math.max(one, other);
      const following = visitBetween(first, last);
      if (following === null) return null;
      return () => {
        join([...left, ...right], first, last, following);
      };
    },
  };
}
