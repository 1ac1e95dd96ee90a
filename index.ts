/**
 * Tulle as a library.
 *
 *   const { program, diagnostics } = compile(source);
 *   const session = await createSession(program, { weights });
 *   const { output } = await session.predict({ image });
 *
 * Works in Node and in browsers: nothing here touches the file system.
 */
export {
  checkSource,
  compile,
  compileModel,
  type CheckOptions,
  type CompileOptions,
  type CompileResult,
} from "./compiler/compile.js";
export type { EntryPointRequest } from "./compiler/entry-points.js";
export { optimizations } from "./compiler/optimize.js";
export type { Precision } from "./compiler/gpu-options.js";
export type {
  Diagnostic,
  RelatedSpan,
  Severity,
  Span,
  Suggestion,
} from "./compiler/diagnostics/diagnostic.js";
export { renderDiagnostic } from "./compiler/diagnostics/render.js";
export { bundle, type Bundle, type BundleOptions } from "./compiler/bundle/bundle.js";
export { format } from "./compiler/syntax/format.js";
export { describeNet, type NetFacts } from "./compiler/describe/net.js";

export { createSession, type Outputs, type Session, type SessionOptions } from "./runtime/session.js";
export type { Tensor, TensorInput, TensorLike } from "./runtime/tensor.js";
export type { EntryPoint, Program } from "./runtime/program/program.js";
export { deserializeProgram, serializeProgram } from "./runtime/program/serialize.js";
export { UserError } from "./runtime/program/user-error.js";

export { trainNet, type TrainedNet, type Training, type TrainNetOptions } from "./train-net.js";
export { sectionSession } from "./runtime/train/section-session.js";
export { train } from "./runtime/train/train.js";
export type { TrainOptions } from "./runtime/train/train-options.js";
export type { RunPlan, TrainEvent, TrainResult } from "./runtime/train/events.js";
export type { CheckpointStore } from "./runtime/train/checkpoint-slots.js";
export type { SnapshotStore } from "./runtime/train/snapshots.js";
export { datasetOf, type ExampleArray } from "./runtime/data/dataset-of.js";
export type { DataArray, Dataset, Split } from "./runtime/data/dataset.js";
export { type DataFacts, describeData } from "./runtime/data/describe-data.js";
export { drawnDigits } from "./runtime/data/digits.js";
export { holdOut, limitTraining } from "./runtime/data/hold-out.js";
export { type MatchedData, matchInputs, type MatchOptions } from "./runtime/data/match-inputs.js";
export { readDataset } from "./runtime/data/read-dataset.js";
export { readImageFolder } from "./runtime/data/read-image-folder.js";
export { decodeImage } from "./runtime/files/images/image-file.js";
export type { Image } from "./runtime/files/images/image.js";
export { readSafetensors, writeSafetensors } from "./runtime/files/safetensors.js";
export { readNpy, writeNpy } from "./runtime/files/npy.js";
export { readNpz, writeNpz } from "./runtime/files/npz.js";
export { readWeights } from "./runtime/files/weights-file.js";

export { describeSchedules, type ScheduleFacts } from "./compiler/describe/schedule.js";
export {
  accuracyOf,
  classReports,
  confusedPairs,
  confusionCounts,
  judge,
} from "./runtime/inspect/confusion.js";
export { confusionSvg } from "./runtime/inspect/confusion-svg.js";
export { encodePng } from "./runtime/inspect/encode-png.js";
export { featurePicture } from "./runtime/inspect/feature-pictures.js";
export { gridOf, type GridOptions } from "./runtime/inspect/grid.js";
export {
  occlusionMap,
  type OcclusionMap,
  type OcclusionSettings,
  sensitivity,
} from "./runtime/inspect/occlusion.js";
export { occlusionPicture } from "./runtime/inspect/occlusion-picture.js";
export { enlarge, type Picture } from "./runtime/inspect/picture.js";
export { scheduleSvg } from "./runtime/inspect/schedule-svg.js";
export {
  weightPictures,
  type WeightPictureOptions,
  type WeightPictures,
} from "./runtime/inspect/weight-pictures.js";
