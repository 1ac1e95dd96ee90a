/**
 * Training by a bundle that trains, the same in a page and in Node: batches in an order drawn
 * from a fixed seed, so that two backends see the same ones. Run by scripts/test-browser.mjs.
 */

/**
 * MNIST's files (IDX, gzipped) from a folder's URL: images of 0 to 1, and labels.
 * @param split "train" or "t10k"
 */
export async function fetchDigits(folder, split) {
  const [pixels, label] = await Promise.all(
    ["images-idx3", "labels-idx1"].map(async (kind) => {
      const { body } = await fetch(`${folder}/${split}-${kind}-ubyte.gz`);
      const content = body.pipeThrough(new DecompressionStream("gzip"));
      return new Uint8Array(await new Response(content).arrayBuffer());
    }),
  );
  const count = new DataView(label.buffer).getUint32(4);
  return {
    count,
    image: Float32Array.from(pixels.subarray(16), (byte) => byte / 255),
    label: Int32Array.from(label.subarray(8)),
  };
}

/** Makes `steps` steps over the examples, and gives every step's losses. */
export async function trainSteps(training, data, { batch, steps }) {
  const perEpoch = Math.floor(data.count / batch);
  const losses = [];
  let order = [];
  for (let step = 0; step < steps; step++) {
    if (step % perEpoch === 0) order = shuffled(data.count, step + 1);
    const from = (step % perEpoch) * batch;
    losses.push(await training.step(pick(data, order.slice(from, from + batch))));
  }
  return losses;
}

/** The mean of every measured value over the first examples, as many whole batches as there are. */
export async function measure(training, data, batch) {
  const batches = Math.floor(data.count / batch);
  const sums = {};
  for (let index = 0; index < batches; index++) {
    const examples = Array.from({ length: batch }, (_, example) => index * batch + example);
    for (const [name, value] of Object.entries(await training.evaluate(pick(data, examples)))) {
      sums[name] = (sums[name] ?? 0) + value / batches;
    }
  }
  return sums;
}

/** Of each kind of values that the data have, those of some examples, one after the other. */
function pick({ count, ...columns }, examples) {
  const picked = Object.entries(columns).map(([name, values]) => {
    const size = values.length / count;
    const taken = new values.constructor(size * examples.length);
    examples.forEach((example, at) =>
      taken.set(values.subarray(example * size, (example + 1) * size), at * size),
    );
    return [name, taken];
  });
  return Object.fromEntries(picked);
}

/** 0 to count - 1 in an order drawn from the seed (Fisher and Yates; Lehmer's generator). */
function shuffled(count, seed) {
  const order = Array.from({ length: count }, (_, index) => index);
  let state = seed;
  for (let last = count - 1; last > 0; last--) {
    state = (48271 * state) % 2147483647;
    const other = state % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
