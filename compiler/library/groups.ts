/** Channels split into equal groups. */
import { asConstant } from "../sizes/size.js";
import type { OperandShape, ShapeContext } from "./definition.js";
import { numberOf } from "./read-settings.js";
import { type Rejected, blameAxis, reject } from "./shape-results.js";

/** Null when the setting `groups` divides the channels on both sides of a convolution. */
export function refuseGroups(word: string, { inputs, settings }: ShapeContext): Rejected | null {
  const groups = numberOf(settings, "groups");
  const width = numberOf(settings, "width");
  const refused = refuseChannelGroups(word, inputs[0]!, groups);
  if (refused !== null || width % groups === 0) return refused;
  return reject(
    "setting",
    `${word} cannot split its ${String(width)} output channels into ${String(groups)} equal groups`,
    {
      notes: [remainder(width, groups)],
      suggestion: `Make width a multiple of ${String(groups)}, such as ${String(Math.ceil(width / groups) * groups)}`,
    },
  );
}

/** Null when the groups divide the channels of an operand. */
export function refuseChannelGroups(word: string, x: OperandShape, groups: number): Rejected | null {
  const channels = asConstant(x.shape[1]!.size);
  if (channels === null || channels % groups === 0) return null;
  return reject(
    "setting",
    `${word} cannot split the ${String(channels)} channels of ${x.name} into ${String(groups)} equal groups`,
    {
      notes: [remainder(channels, groups)],
      blame: blameAxis(x, 1),
      suggestion: `groups must be one of ${divisorsOf(channels)}`,
    },
  );
}

function remainder(channels: number, groups: number): string {
  return `${String(channels)} / ${String(groups)} leaves a remainder of ${String(channels % groups)}`;
}

/** `1, 2, 3, 6`, cut short where there are many. */
function divisorsOf(channels: number): string {
  const most = 8;
  const divisors: string[] = [];
  for (let divisor = 1; divisor <= channels && divisors.length <= most; divisor++) {
    if (channels % divisor === 0) divisors.push(String(divisor));
  }
  return divisors.length > most ? `${divisors.slice(0, most).join(", ")}, ...` : divisors.join(", ");
}
