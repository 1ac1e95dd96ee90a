/** The canvas to draw on, with mouse, pen or fingers; strokes are in units of its side. */
import { type Point, type Stroke, traceStroke } from "./rasterize.js";

export interface Pad {
  readonly strokes: () => readonly Stroke[];
  readonly clear: () => void;
}

export function createPad(canvas: HTMLCanvasElement, onChange: () => void): Pad {
  let strokes: Point[][] = [];
  const drawing = new Map<number, Point[]>();
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser cannot draw");

  const paint = (): void => {
    const side = canvas.clientWidth * devicePixelRatio;
    if (canvas.width !== side) canvas.width = canvas.height = side;
    context.clearRect(0, 0, side, side);
    context.strokeStyle = getComputedStyle(canvas).color;
    context.lineWidth = side / 16;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) traceStroke(context, stroke, ({ x, y }) => [x * side, y * side]);
  };
  const at = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };
  const changed = (): void => {
    paint();
    onChange();
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const stroke = [at(event)];
    drawing.set(event.pointerId, stroke);
    strokes.push(stroke);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    const stroke = drawing.get(event.pointerId);
    if (stroke === undefined) return;
    const events = event.getCoalescedEvents();
    stroke.push(...(events.length > 0 ? events : [event]).map(at));
    changed();
  });
  for (const end of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(end, ({ pointerId }) => drawing.delete(pointerId));
  }
  new ResizeObserver(paint).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

  return {
    strokes: () => strokes,
    clear: () => {
      strokes = [];
      drawing.clear();
      changed();
    },
  };
}
