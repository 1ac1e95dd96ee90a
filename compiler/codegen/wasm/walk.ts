/**
 * Where a loop stands: the address of every tensor at the current position of the outer
 * axes, advanced by additions only.
 *
 * Invariant: the addresses of a Site belong to position 0 of all axes that are not yet
 * entered.
 */
import type { FunctionBuilder } from "./encoder/function.js";
import { i32 } from "./encoder/operators.js";
import type { I32, Local } from "./encoder/value.js";

/** Something that moves with the position: an address, or an element's number. */
export interface Track {
  readonly start: I32;
  /** What one step along each axis adds. */
  readonly steps: readonly number[];
}

export interface Site {
  /** One per Track. */
  readonly places: readonly I32[];
  /** Positions along the axes entered so far, by the number of the axis. */
  readonly coordinates: ReadonlyMap<number, I32>;
}

export interface Walk {
  readonly sizes: readonly number[];
  readonly tracks: readonly Track[];
}

export function startSite({ tracks }: Walk): Site {
  return { places: tracks.map(({ start }) => start), coordinates: new Map() };
}

/** Runs `body` at every position of the axes, nested in the order given, moving some of the tracks. */
export function overAxes(
  f: FunctionBuilder,
  walk: Walk,
  axes: readonly number[],
  moved: ReadonlySet<number>,
  site: Site,
  body: (site: Site) => void,
): void {
  const [axis, ...inner] = axes;
  if (axis === undefined) {
    body(site);
    return;
  }
  const moving: { place: Local<"i32">; step: number }[] = [];
  const places = walk.tracks.map(({ steps }, index) => {
    const step = steps[axis]!;
    if (step === 0 || !moved.has(index)) return site.places[index]!;
    const place = f.keep(site.places[index]!);
    moving.push({ place, step });
    return place;
  });
  f.range(0, walk.sizes[axis]!, 1, (coordinate) => {
    const coordinates = new Map([...site.coordinates, [axis, coordinate]]);
    overAxes(f, walk, inner, moved, { places, coordinates }, body);
    for (const { place, step } of moving) f.increase(place, step);
  });
}

/** The site at the position with this row-major number among the axes. */
export function siteAt(f: FunctionBuilder, walk: Walk, axes: readonly number[], site: Site, unit: I32): Site {
  const coordinates = new Map(site.coordinates);
  let rest = unit;
  for (const [index, axis] of axes.toReversed().entries()) {
    const size = walk.sizes[axis]!;
    const isOutermost = index === axes.length - 1;
    coordinates.set(axis, isOutermost ? rest : f.keep(i32.remainder(rest, size)));
    if (!isOutermost) rest = f.keep(i32.divide(rest, size));
  }
  const places = walk.tracks.map(({ steps }, index) => {
    const moved = axes.filter((axis) => steps[axis] !== 0);
    if (moved.length === 0) return site.places[index]!;
    return f.keep(
      moved.reduce(
        (place, axis) => i32.add(place, i32.multiply(coordinates.get(axis)!, steps[axis]!)),
        site.places[index]!,
      ),
    );
  });
  return { places, coordinates };
}
