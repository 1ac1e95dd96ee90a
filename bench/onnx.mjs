/**
 * Just enough of the ONNX format (onnx.proto3) to write the benchmark's models:
 * a protocol buffers writer and the few messages a model is made of.
 */

const encoder = new TextEncoder();

// ------------------------------------------------------------ protocol buffers

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

const integer = (field, value) => Uint8Array.from([...varint(field << 3), ...varint(value)]);

function bytes(field, content) {
  const head = [...varint((field << 3) | 2), ...varint(content.length)];
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
}

const string = (field, text) => bytes(field, encoder.encode(text));

function message(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// -------------------------------------------------------------- ONNX messages

const FLOAT = 1;
const INTEGERS = 7;
const INTEGER = 2;

function tensor(name, { shape, data }) {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(...shape.map((size) => integer(1, size)), integer(2, FLOAT), string(8, name), bytes(9, raw));
}

function valueInfo(name, shape) {
  const dimensions = shape.map((size) => bytes(1, integer(1, size)));
  const tensorType = message(integer(1, FLOAT), bytes(2, message(...dimensions)));
  return message(string(1, name), bytes(2, bytes(1, tensorType)));
}

function attribute(name, value) {
  return Array.isArray(value)
    ? message(string(1, name), ...value.map((element) => integer(8, element)), integer(20, INTEGERS))
    : message(string(1, name), integer(3, value), integer(20, INTEGER));
}

function node({ op, inputs, output, attributes = {} }) {
  return message(
    ...inputs.map((name) => string(1, name)),
    string(2, output),
    string(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  );
}

/** A model of opset 17 with one input and one output, every size a number. */
export function onnxModel({ nodes, weights, input, output }) {
  const graph = message(
    ...nodes.map((each) => bytes(1, node(each))),
    string(2, "benchmark"),
    ...Object.entries(weights).map(([name, weight]) => bytes(5, tensor(name, weight))),
    bytes(11, valueInfo(input.name, input.shape)),
    bytes(12, valueInfo(output.name, output.shape)),
  );
  const opset = message(string(1, ""), integer(2, 17));
  return message(integer(1, 8), bytes(7, graph), bytes(8, opset));
}
