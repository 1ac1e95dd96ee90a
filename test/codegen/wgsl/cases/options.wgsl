// halves, one and four at a time
enable f16;
@group(0) @binding(0) var<storage, read_write> b0: array<vec4<f16>>;
@group(0) @binding(1) var<storage, read_write> b1: array<f16>;
@group(0) @binding(2) var<storage, read_write> b2: array<vec4<i32>>;
@group(0) @binding(3) var<storage, read_write> b3: array<vec4<f16>>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
  let position = invocation.x;
  if (position >= 30u) { return; }
  let c1 = position % 10u;
  let cr1 = position / 10u;
  let c0 = cr1;
  let t0 = vec4<f32>(b0[c0 * 10u + c1]);
  let t1 = vec4<f32>(f32(f32(b1[c0])));
  let t2 = t0 + t1;
  let t3 = vec4<f32>(b2[c0 * 10u + c1]);
  let t4 = t2 * t3;
  b3[c0 * 10u + c1] = vec4<f16>(t4);
}

// halves that share a binding
enable f16;
@group(0) @binding(0) var<storage, read_write> b0: array<f16>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
  let position = invocation.x;
  if (position >= 30u) { return; }
  let c1 = position % 10u;
  let cr1 = position / 10u;
  let c0 = cr1;
  let t0 = vec4<f32>(vec4<f16>(b0[4u * (c0 * 10u + c1) + 0u], b0[4u * (c0 * 10u + c1) + 1u], b0[4u * (c0 * 10u + c1) + 2u], b0[4u * (c0 * 10u + c1) + 3u]));
  let t1 = vec4<f32>(f32(f32(b0[c0 + 128u])));
  let t2 = t0 + t1;
  let t3 = vec4<f32>(vec4<f16>(b0[4u * (c0 * 10u + c1) + 0u + 256u], b0[4u * (c0 * 10u + c1) + 1u + 256u], b0[4u * (c0 * 10u + c1) + 2u + 256u], b0[4u * (c0 * 10u + c1) + 3u + 256u]));
  let t4 = t2 * t3;
  b0[4u * (c0 * 10u + c1) + 0u + 512u] = f16((t4)[0]); b0[4u * (c0 * 10u + c1) + 1u + 512u] = f16((t4)[1]); b0[4u * (c0 * 10u + c1) + 2u + 512u] = f16((t4)[2]); b0[4u * (c0 * 10u + c1) + 3u + 512u] = f16((t4)[3]);
}

// halves that share a binding with words
enable f16;
@group(0) @binding(0) var<storage, read_write> b0: array<u32>;
@group(0) @binding(1) var<storage, read_write> b1: array<vec4<f16>>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) invocation: vec3<u32>) {
  let position = invocation.x;
  if (position >= 30u) { return; }
  let c1 = position % 10u;
  let cr1 = position / 10u;
  let c0 = cr1;
  let t0 = vec4<f32>(unpack2x16float(b0[2u * (c0 * 10u + c1)]), unpack2x16float(b0[2u * (c0 * 10u + c1) + 1u]));
  let t1 = vec4<f32>(f32(unpack2x16float(b0[(c0) / 2u + 64u])[(c0) % 2u]));
  let t2 = t0 + t1;
  let t3 = vec4<f32>(bitcast<vec4<i32>>(vec4<u32>(b0[4u * (c0 * 10u + c1) + 0u + 128u], b0[4u * (c0 * 10u + c1) + 1u + 128u], b0[4u * (c0 * 10u + c1) + 2u + 128u], b0[4u * (c0 * 10u + c1) + 3u + 128u])));
  let t4 = t2 * t3;
  b1[c0 * 10u + c1] = vec4<f16>(t4);
}

// rows over subgroups
enable subgroups;
@group(0) @binding(0) var<storage, read_write> b0: array<f32>;
@group(0) @binding(1) var<storage, read_write> b1: array<f32>;
@group(0) @binding(2) var<storage, read_write> b2: array<f32>;
@group(0) @binding(3) var<storage, read_write> b3: array<f32>;
var<private> infinityBits: u32 = 0x7f800000u;
fn infinity_() -> f32 {
  return bitcast<f32>(u32(infinityBits));
}
fn exp_(x: f32) -> f32 {
  return select(exp(clamp(x, f32(-87.3), f32(88.7))), infinity_(), x > f32(88.72284)) * select(f32(1.0), f32(0.0), x < f32(-87.3));
}
var<workgroup> shared0: array<f32, 256>;
var<workgroup> shared1: array<f32, 256>;
var<workgroup> shared2: array<f32, 256>;
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) invocation: u32, @builtin(workgroup_id) workgroup: vec3<u32>) {
  let row = workgroup.x;
  let k0 = row;
  let members = subgroupAdd(1u);
  let member = subgroupExclusiveAdd(1u);
  var sum0 = f32(-3.4028234663852886e+38);
  for (var element = invocation; element < 300u; element += 256u) {
    let e0 = element;
    let v0 = b0[k0 * 300u + e0];
    sum0 = max(sum0, v0);
  }
  shared0[invocation] = sum0;
  workgroupBarrier();
  sum0 = f32(-3.4028234663852886e+38);
  for (var other = member; other < 256u; other += members) {
    sum0 = max(sum0, shared0[other]);
  }
  let reduced0 = subgroupMax(sum0);
  var sum1 = f32(0.0);
  var sum2 = f32(0.0);
  for (var element = invocation; element < 300u; element += 256u) {
    let e0 = element;
    let v0 = b0[k0 * 300u + e0];
    let v1 = reduced0;
    let v2 = v0 - v1;
    let v3 = exp_(v2);
    sum1 = sum1 + v3;
    sum2 = sum2 + v0;
  }
  shared1[invocation] = sum1;
  shared2[invocation] = sum2;
  workgroupBarrier();
  sum1 = f32(0.0);
  sum2 = f32(0.0);
  for (var other = member; other < 256u; other += members) {
    sum1 = sum1 + shared1[other];
    sum2 = sum2 + shared2[other];
  }
  let reduced1 = subgroupAdd(sum1);
  let reduced2 = subgroupAdd(sum2);
  for (var element = invocation; element < 300u; element += 256u) {
    let d0 = element;
    let w0 = b0[k0 * 300u + d0];
    let w1 = reduced0;
    let w2 = w0 - w1;
    let w3 = exp_(w2);
    let w4 = reduced1;
    let w5 = w3 / w4;
    b2[k0 * 300u + d0] = w5;
  }
  storageBarrier();
  if (invocation == 0u) {
    let o0 = reduced2;
    let o1 = b1[k0];
    let o2 = o0 * o1;
    b3[k0] = o2;
  }
}
