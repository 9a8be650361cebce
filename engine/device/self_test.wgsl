// The start-up self-test. `fill` writes a texture of known values; `check` reads it back in another order, sums over
// the workgroup, loops, and computes in integers and floats. The host knows every result.

@group(0) @binding(0) var written: texture_storage_2d_array<rgba32float, write>;
@group(0) @binding(1) var sampled: texture_2d_array<f32>;
@group(0) @binding(2) var<storage, read> inputs: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

var<workgroup> sums: array<u32, 64>;

@compute @workgroup_size(64)
fn fill(@builtin(local_invocation_index) i: u32) {
  let value = f32(inputs[i]);
  textureStore(written, vec2u(i % 4u, (i / 4u) % 4u), i / 16u, vec4f(value, value + 0.25, -value, value * 65536.0));
}

@compute @workgroup_size(64)
fn check(@builtin(local_invocation_index) i: u32) {
  let input = inputs[i];
  let signed = i32(input) - 32;
  results[i] = u32((signed / 3) * 1000) ^ (input << 7u) ^ u32(signed >> 1u) ^ (input % 7u);

  let x = f32(input) + 0.5;
  results[64u + i] = bitcast<u32>(sqrt(x) / 3.0 + x * 0.1);

  let j = 63u - i;
  let texel = textureLoad(sampled, vec2u(j % 4u, (j / 4u) % 4u), j / 16u, 0);
  results[128u + i] = u32(texel.x * 4.0 + texel.y * 4.0 + texel.z * -4.0) + u32(texel.w / 65536.0);

  sums[i] = input;
  for (var step = 32u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (i < step) {
      sums[i] += sums[i + step];
    }
  }
  workgroupBarrier();
  results[192u + i] = sums[0] + i;

  var state = input;
  for (var k = 0u; k < 1000u; k++) {
    state = state * 1664525u + 1013904223u;
  }
  results[256u + i] = state;

  results[320u + i] = u32(signed % 3);
}
