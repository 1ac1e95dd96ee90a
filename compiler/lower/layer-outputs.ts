/**
 * What can be looked at inside of a net: the output of every layer and function, by the
 * name that tables give it.
 */
import type { Application, NetModel, Tensor } from "../check/model.js";

export interface LayerOutput {
  /** `conv1`, `layer1.0.conv1`, `add`; a second one of the same name is `add#2`. */
  readonly name: string;
  /** The library's word. */
  readonly kind: string;
  readonly tensor: Tensor;
}

/** Every layer of a net in the order it runs, under names that are unique. */
export function layerOutputs(net: NetModel): readonly LayerOutput[] {
  const uses = new Map<string, number>();
  return net.dataflow.applications.flatMap((application): LayerOutput[] => {
    const [tensor] = application.outputs;
    if (tensor === undefined) return [];
    const plain = layerName(net, application);
    const use = (uses.get(plain) ?? 0) + 1;
    uses.set(plain, use);
    const name = use === 1 ? plain : `${plain}#${String(use)}`;
    return [{ name, kind: application.definition, tensor }];
  });
}

/** A layer's path, behind its net's name where it is another's; for functions the word itself. */
export function layerName(net: NetModel, { layer, definition }: Application): string {
  if (layer === null) return definition;
  return layer.net === net.name ? layer.path : `${layer.net}.${layer.path}`;
}
