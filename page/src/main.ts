/** The page: a pad, a classifier that looks at it after every stroke, and what it saw. */
import { createBars } from "./bars.js";
import { type BackendName, type Classifier, type Nets, openClassifier } from "./classifier.js";
import { createFeatureMaps } from "./feature-maps.js";
import { LeNet5 } from "./lenet.net";
import { createPad } from "./pad.js";
import { rasterize } from "./rasterize.js";
import "./style.css";

const pad = createPad(element("pad", HTMLCanvasElement), () => {
  schedule();
});
const bars = createBars(element("bars", HTMLElement), element("answer", HTMLElement));
const maps = createFeatureMaps(element("layers", HTMLElement));
const status = element("status", HTMLElement);
const choices = Array.from(document.querySelectorAll<HTMLInputElement>("input[name=backend]"));

let nets: Nets = { LeNet5 };
let classifier: Classifier | null = null;
let isScheduled = false;

/** Looks at the pad once per frame, however many strokes arrive, and never twice at a time. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    void look().finally(() => {
      isScheduled = false;
    });
  });
}

async function look(): Promise<void> {
  const current = classifier;
  const strokes = pad.strokes();
  if (current === null) return;
  if (strokes.length === 0) {
    bars.show(null);
    maps.show(null, null);
    tell(current, null);
    return;
  }
  const seen = strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const image = rasterize(strokes);
  const { probabilities, layers, milliseconds } = await current.classify(image);
  bars.show(probabilities);
  maps.show(image, layers);
  tell(current, milliseconds);
  const now = pad.strokes().reduce((sum, stroke) => sum + stroke.length, 0);
  if (now !== seen) requestAnimationFrame(schedule);
}

function tell({ backend, fallback }: Classifier, milliseconds: number | null): void {
  const where = backend === "cpu" ? "the CPU" : "WebGPU";
  const took = milliseconds === null ? "" : `, ${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  const why = fallback === null ? "" : ` because ${fallback}`;
  status.textContent = `Runs on ${where}${took}${why}`;
  document.body.dataset["backend"] = backend;
}

async function open(wanted: BackendName): Promise<void> {
  status.textContent = "Loading the net";
  try {
    const opened = await openClassifier(wanted, nets);
    classifier?.dispose();
    classifier = opened;
    for (const choice of choices) choice.checked = choice.value === opened.backend;
    await look();
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
  }
}

function element<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${id}`);
}

element("clear", HTMLButtonElement).addEventListener("click", pad.clear);
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") pad.clear();
});
for (const choice of choices) {
  choice.addEventListener("change", () => void open(choice.value === "webgpu" ? "webgpu" : "cpu"));
}
await open("cpu");

// A change to the net shows at once, and the drawing stays.
import.meta.hot?.accept("./lenet.net", (module) => {
  if (!isNets(module)) return;
  nets = module;
  void open(classifier?.backend ?? "cpu");
});

function isNets(module: object | undefined): module is Nets {
  return module !== undefined && "LeNet5" in module;
}
