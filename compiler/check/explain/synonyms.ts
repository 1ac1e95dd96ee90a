/** What people who come from other frameworks write, and what it is called here. */
import { closest } from "../../diagnostics/suggest.js";

const words: ReadonlyMap<string, string> = new Map(
  Object.entries({
    conv2d: "conv",
    convolution: "conv",
    convtranspose2d: "conv_transpose",
    deconv: "conv_transpose",
    linear: "dense",
    fc: "dense",
    fully_connected: "dense",
    affine: "dense",
    batchnorm: "batch_norm",
    batchnorm2d: "batch_norm",
    batch_normalization: "batch_norm",
    bn: "batch_norm",
    layernorm: "layer_norm",
    instancenorm2d: "instance_norm",
    groupnorm: "group_norm",
    lrn: "local_response_norm",
    maxpool: "max_pool",
    maxpool2d: "max_pool",
    max_pooling: "max_pool",
    avgpool: "avg_pool",
    avgpool2d: "avg_pool",
    average_pool: "avg_pool",
    adaptiveavgpool2d: "adaptive_avg_pool",
    globalaveragepooling2d: "global_avg_pool",
    gap: "global_avg_pool",
    global_average_pool: "global_avg_pool",
    leakyrelu: "leaky_relu",
    logsoftmax: "log_softmax",
    cat: "concat",
    concatenate: "concat",
    stack: "concat",
    view: "reshape",
    permute: "transpose",
    interpolate: "resize",
    mseloss: "mse",
    l1loss: "mae",
    crossentropy: "cross_entropy",
    crossentropyloss: "cross_entropy",
    softmax_cross_entropy: "cross_entropy",
    bcewithlogitsloss: "bce_with_logits",
    nllloss: "nll",
    stop_gradient: "detach",
    top1: "accuracy",
    cosine_annealing: "cosine",
    cosineannealinglr: "cosine",
    steplr: "step",
    linearlr: "linear",
    cycliclr: "cyclical",
    onecyclelr: "one_cycle",
    randomhorizontalflip: "random_flip",
    randomflip: "random_flip",
    horizontal_flip: "random_flip",
    randomcrop: "random_crop",
    randomrotation: "random_rotate",
    randomtranslation: "random_shift",
    colorjitter: "color_jitter",
    randomerasing: "cutout",
    innerproduct: "dense",
    softmaxwithloss: "cross_entropy",
    smoothl1loss: "huber",
    huberloss: "huber",
    kldivloss: "kl",
    bceloss: "bce",
    gaussian: "normal",
    kaiming_normal: "he_normal",
    kaiming_uniform: "he_uniform",
    glorot_normal: "xavier_normal",
    glorot_uniform: "xavier_uniform",
  }),
);

const noPrefix = "Words of the library stand alone: dense, conv, relu.";

/** Words for which there is no one word here, and what is written instead. */
const phrases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    relu6: "Write `clip(0, 6)`.",
    relu_6: "Write `clip(0, 6)`.",
    hardtanh: "Write `clip(-1, 1)`.",
    silu: "Write a product, `x * sigmoid(x)`, in a block of its own.",
    swish: "Write a product, `x * sigmoid(x)`, in a block of its own.",
    prelu: "Its slope is not trained here: write `leaky_relu(0.25)`.",
    depthwise_conv: "Write `conv(C, size, groups=C)`, where C is the number of channels.",
    depthwiseconv2d: "Write `conv(C, size, groups=C)`, where C is the number of channels.",
    squeeze: "Write `reshape(...)` with the sizes of all axes but the first, or `flatten`.",
    unsqueeze: "Write `reshape(...)` with the sizes of all axes but the first.",
    sequential: "Write an arrow between the layers: dense(10) -> relu.",
    return: "A body ends with its result: leave the word out.",
    for: "To stack copies of a layer, write repeat(n, layer) or repeat(i in 0..n, layer).",
    while: "To stack copies of a layer, write repeat(n, layer) or repeat(i in 0..n, layer).",
    nn: noPrefix,
    f: noPrefix,
    tf: noPrefix,
    torch: noPrefix,
    keras: noPrefix,
    layers: noPrefix,
    self: "Names stand alone here: fc = dense(10), and then x -> fc.",
    require: 'Write `import { Name } from "./file.net"`.',
    argmax: "Classes are compared by a metric: metric accuracy = accuracy(logits, label).",
    reducelronplateau:
      "Rates follow the step, not the loss: write `cosine(0.1)` or `step(0.1, every=30, by=0.1)`.",
    range: "A range is written 0..3, without its end.",
    none: "Leave the setting out: what it then is stands in its documentation.",
    null: "Leave the setting out: what it then is stands in its documentation.",
    print: "Nothing is printed while a net runs: `tulle show` prints its layers and shapes.",
    pool: "Write `max_pool(size)` or `avg_pool(size)`.",
    pooling: "Write `max_pool(size)` or `avg_pool(size)`.",
    true: "Write `true`, in small letters.",
    false: "Write `false`, in small letters.",
  }),
);

const minimize = "Write `minimize loss with adam(lr=1e-3)`.";

const fromData = "Whatever comes from the data set is an input: input y[N, 1]";

/** Words that begin an item of a train section elsewhere; other statements are found by the parser. */
const statements: ReadonlyMap<string, string> = new Map(
  Object.entries({
    optimize: minimize,
    optimise: minimize,
    optimizer: minimize,
    output: fromData,
    target: fromData,
    data: fromData,
    dataset: fromData,
  }),
);

const settings: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    padding: ["pad"],
    kernel_size: ["size"],
    kernel: ["size"],
    window: ["size"],
    out_channels: ["width"],
    channels: ["width"],
    filters: ["width"],
    units: ["width"],
    features: ["width"],
    out_features: ["width"],
    strides: ["stride"],
    dilation_rate: ["dilation"],
    use_bias: ["bias"],
    ceil_mode: ["ceil"],
    rate: ["p", "lr"],
    negative_slope: ["slope"],
    alpha: ["slope"],
    dim: ["axis"],
    epsilon: ["eps"],
    learning_rate: ["lr"],
    num_groups: ["groups"],
    label_smoothing: ["smoothing"],
    scale_factor: ["scale"],
    clip: ["clip_norm"],
    initializer: ["init"],
    kernel_initializer: ["init"],
    beta_1: ["beta1"],
    beta_2: ["beta2"],
    step_size: ["every"],
    gamma: ["by"],
    eta_min: ["to"],
    t_max: ["epochs"],
    total_steps: ["steps"],
    max_lr: ["peak"],
    base_lr: ["low"],
    betas: ["beta1"],
  }),
);

/** What to write for something that is known by a name elsewhere, and has none here. */
export function likelyPhrase(name: string): string | null {
  return phrases.get(withoutPrefix(name)) ?? null;
}

/** What a word of the library that means something else elsewhere is called here: `linear` is a schedule. */
export function otherMeaning(name: string): string | null {
  return words.get(name) ?? null;
}

/** What to write instead of a statement that begins with this word; null for any other word. */
export function foreignStatement(word: string): string | null {
  return statements.get(word) ?? null;
}

const settingPhrases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    activation: "An activation is a layer of its own, behind this one: -> relu",
    nonlinearity: "An activation is a layer of its own, behind this one: -> relu",
    inplace: "Leave it out: the compiler plans the memory.",
    in_channels: "Leave it out: it is known from what flows in.",
    in_features: "Leave it out: it is known from what flows in.",
    num_features: "Leave it out: it is known from what flows in.",
    input_shape: "Leave it out: it is known from what flows in.",
    input_dim: "Leave it out: it is known from what flows in.",
    training: "Leave it out: a layer is in training mode where a step updates it.",
    name: "A layer is named behind it: as conv1",
    reduction: "Leave it out: losses are means over the batch.",
  }),
);

/** What to do instead of giving a setting that no word here has. */
export function likelySettingPhrase(name: string): string | null {
  return settingPhrases.get(name.toLowerCase()) ?? null;
}

function withoutPrefix(name: string): string {
  return name.toLowerCase().replace(/^(nn|f|torch|tf|keras)_/, "");
}

/** The word that was probably meant: misspelt, or known by another name elsewhere. */
export function likelyWord(name: string, candidates: readonly string[]): string | null {
  const known = words.get(withoutPrefix(name));
  if (known !== undefined && candidates.includes(known)) return known;
  return closest(name, candidates);
}

/** The setting that was probably meant, among those there are. */
export function likelySetting(name: string, candidates: readonly string[]): string | null {
  const known = settings.get(name.toLowerCase())?.find((setting) => candidates.includes(setting));
  if (known !== undefined) return known;
  const near = closest(name, candidates);
  if (near !== null) return near;
  // `padding` for `pad`, `weight` for `weight_decay`.
  return (
    candidates.find(
      (candidate) => candidate.length > 2 && (name.startsWith(candidate) || candidate.startsWith(name)),
    ) ?? null
  );
}
