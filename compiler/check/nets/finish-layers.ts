/**
 * Finishes the layers of a net: every parameter gets its full name and its initializer.
 *
 * He initialization for a layer whose result goes, possibly through a norm, into a
 * ReLU-like activation and nowhere else; Xavier otherwise; biases zero (He et al., 2015;
 * Glorot and Bengio, 2010).
 */
import { invariant } from "../../diagnostics/invariant.js";
import type { ParameterDefinition } from "../../library/definition.js";
import type { InitializerCall } from "../../library/settings.js";
import { lazily } from "../../syntax/lexer/lazily.js";
import type { Checker } from "../checker.js";
import type { Flow, FlowApplication } from "../flow.js";
import type { LayerInstance, Parameter, TensorId } from "../model.js";
import type { Leaf, NetUnderConstruction } from "./construction.js";

/** The checker has the layers when somebody asks for them: diagnostics need none. */
export function finishLayers(
  net: NetUnderConstruction,
  flow: Flow,
  { instances, library }: Pick<Checker, "instances" | "library">,
): void {
  // It outlives the checker, and holds on to nothing else of it.
  instances.set(
    net.identity,
    lazily(() => finishedLayers(net, flow, library)),
  );
}

function finishedLayers(
  net: NetUnderConstruction,
  flow: Flow,
  library: Checker["library"],
): ReadonlyMap<Leaf, LayerInstance> {
  const consumers = consumersOf(flow);
  const first = new Map<Leaf, FlowApplication>();
  for (const application of flow.applications) {
    if (application.leaf !== null && !first.has(application.leaf)) first.set(application.leaf, application);
  }
  const calls = defaultCalls(library);
  const instances = new Map<Leaf, LayerInstance>();
  for (const leaf of net.leaves) {
    const application = first.get(leaf);
    const isBeforeRelu = application !== undefined && leadsToRelu(application, consumers);
    const parameters = leaf.parameters.map((definition): Parameter => ({
      net: net.name,
      path: `${leaf.path}.${definition.name}`,
      name: `${net.name}.${leaf.path}.${definition.name}`,
      role: definition.role,
      shape: definition.shape,
      initializer: initializerOf(definition, isBeforeRelu, calls),
    }));
    instances.set(leaf, {
      net: net.name,
      path: leaf.path,
      definition: leaf.recipe.definition.name,
      settings: leaf.recipe.settings,
      parameters,
      span: leaf.span,
    });
  }
  return instances;
}

function consumersOf(flow: Flow): ReadonlyMap<TensorId, readonly FlowApplication[]> {
  const consumers = new Map<TensorId, FlowApplication[]>();
  for (const application of flow.applications) {
    for (const { id } of application.inputs) {
      const known = consumers.get(id);
      if (known === undefined) consumers.set(id, [application]);
      else known.push(application);
    }
  }
  return consumers;
}

function leadsToRelu(
  application: FlowApplication,
  consumers: ReadonlyMap<TensorId, readonly FlowApplication[]>,
): boolean {
  let current = application;
  for (;;) {
    const [output] = current.outputs;
    const next = output === undefined ? [] : (consumers.get(output.id) ?? []);
    const [only] = next;
    if (next.length !== 1 || only === undefined) return false;
    if (only.definition.reluLike === true) return true;
    if (only.definition.isNorm !== true) return false;
    current = only;
  }
}

function initializerOf(
  definition: ParameterDefinition,
  isBeforeRelu: boolean,
  { zeros, he, xavier }: DefaultCalls,
): InitializerCall {
  if (definition.initializer !== "default") return definition.initializer;
  return definition.shape.length < 2 ? zeros : isBeforeRelu ? he : xavier;
}

/** What parameters that say nothing about it begin with; one object for all of them. */
interface DefaultCalls {
  readonly zeros: InitializerCall;
  readonly he: InitializerCall;
  readonly xavier: InitializerCall;
}

function defaultCalls(library: Checker["library"]): DefaultCalls {
  return {
    zeros: defaultCall("zeros", library),
    he: defaultCall("he_normal", library),
    xavier: defaultCall("xavier_uniform", library),
  };
}

/** An initializer of the library with its default settings. */
function defaultCall(name: string, library: Checker["library"]): InitializerCall {
  const definition = library.get(name);
  invariant(definition?.kind === "initializer", `the library has no initializer ${name}`);
  const settings = Object.fromEntries(
    definition.settings.map((setting) => [setting.name, setting.default ?? null]),
  );
  return { definition: name, settings };
}
