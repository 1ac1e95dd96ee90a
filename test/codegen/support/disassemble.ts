/** An independent reader of WebAssembly: validates a module and disassembles it. */
import wabt from "wabt";

const features = { threads: true, simd: true, bulk_memory: true, relaxed_simd: true };

/** The text of a module; throws when it is not valid. */
export async function toWat(bytes: Uint8Array): Promise<string> {
  const tools = await wabt();
  const module = tools.readWasm(bytes, { ...features, readDebugNames: true });
  try {
    // It takes the features too, though its type does not say so.
    const validate: (options: typeof features) => void = module.validate.bind(module);
    validate(features);
    module.generateNames();
    module.applyNames();
    return module.toText({ foldExprs: false, inlineExport: false });
  } finally {
    module.destroy();
  }
}
