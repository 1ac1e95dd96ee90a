/**
 * A topological order of a graph whose nodes are contracted into groups one pair at a
 * time, kept up to date locally (after Pearce and Kelly, "A Dynamic Topological Sort
 * Algorithm for Directed Acyclic Graphs", 2007): only groups between the pair are looked at.
 *
 * Invariant: every group comes before all groups that read what it makes.
 */

export interface ContractedOrder {
  /**
   * Makes one group of two, given by their members, unless that closes a cycle: unless a
   * path goes from one to the other through a third. Whether it did.
   */
  readonly contract: (left: readonly number[], right: readonly number[]) => boolean;
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

  return {
    contract: (left, right) => {
      const [one, other] = [places[left[0]!]!, places[right[0]!]!];
      const [first, last] = [Math.min(one, other), Math.max(one, other)];
      const following = visitBetween(first, last);
      if (following === null) return false;
      // The usual case, a value and its only reader: nothing between them needs to move.
      if (following === 0) {
        put([...left, ...right], last);
        groups[first] = null;
        return true;
      }
      // What does not follow the first goes before the new group, what does goes after it.
      const before: (readonly number[])[] = [];
      const after: (readonly number[])[] = [];
      for (let place = first + 1; place < last; place++) {
        const group = groups[place];
        if (group) (visited[place] === searches ? after : before).push(group);
      }
      const sequence = [...before, [...left, ...right], ...after];
      for (let place = first; place <= last; place++) {
        const group = sequence[place - first];
        if (group === undefined) groups[place] = null;
        else put(group, place);
      }
      return true;
    },
  };
}
